import { text } from '@jebena/options';
import { passed } from '../layer.js';

/** Keys that the convolutions of an image layer take as they are. */
export const convolutionKeys = {
  paramStddev: text('', 'Spread of the first weights'),
  biasStddev: text('', 'Spread of the first biases'),
  useNaturalGradient: text('', 'Whether natural gradient is used'),
  rankIn: text('', 'Rank of natural gradient on the side of the input'),
  rankOut: text('', 'Rank of natural gradient on the side of the output'),
  numMinibatchesHistory: text('', 'Minibatches that natural gradient looks back'),
  alphaIn: text('', 'Smoothing of natural gradient on the side of the input'),
  alphaOut: text('', 'Smoothing of natural gradient on the side of the output'),
  l2Regularize: text('', 'Weight of l2 regularization'),
};

type Texts = { readonly [K in keyof typeof convolutionKeys | 'maxChange']: string };

/** The keys that stand before the sizes of a convolution. */
export const leadingOptions = (t: Texts): string =>
  passed({
    'param-stddev': t.paramStddev,
    'bias-stddev': t.biasStddev,
    'use-natural-gradient': t.useNaturalGradient,
    'max-change': t.maxChange,
    'rank-in': t.rankIn,
    'rank-out': t.rankOut,
    'num-minibatches-history': t.numMinibatchesHistory,
    'alpha-in': t.alphaIn,
    'alpha-out': t.alphaOut,
  }).trim();

/** All of them, as residual blocks put them after the sizes. */
export const convolutionOptions = (t: Texts): string => leadingOptions(t) + passed({ 'l2-regularize': t.l2Regularize });
