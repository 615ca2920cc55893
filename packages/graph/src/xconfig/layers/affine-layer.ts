import { defineOptions, float, int, text } from '@jebena/options';
import { defineLayer, pair, passed } from '../layer.js';

/**
 * An affine component alone. Kaldi's script leaves out learning-rate-factor, and glues ng-affine-options to the value
 * before it; here the first is passed on where it is not 1 and the second stands apart.
 */
export const affineLayer = defineLayer({
  names: ['affine-layer'],
  summary: 'An affine component alone.',
  keys: defineOptions({
    dim: int(-1, 'Dimension of the output; that of the input where not set'),
    paramStddev: float(-1, 'Spread of the first weights; one over the root of the input dimension where not set'),
    biasStddev: float(1, 'Spread of the first biases'),
    biasMean: float(0, 'Mean of the first biases'),
    maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
    l2Regularize: float(0, 'Weight of l2 regularization'),
    learningRateFactor: float(1, 'Factor on the learning rate'),
    ngAffineOptions: text('', 'Further text for the component'),
  }),
  derive: ({ config, input }) => ({
    ...(config.dim <= 0 && { dim: input.dim }),
    ...(config.paramStddev < 0 && { paramStddev: 1 / Math.sqrt(input.dim) }),
  }),
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, input, config, text }) => {
    const options = passed({
      'param-stddev': text.paramStddev,
      'bias-stddev': text.biasStddev,
      'bias-mean': text.biasMean,
      'max-change': text.maxChange,
      'l2-regularize': text.l2Regularize,
      'learning-rate-factor': config.learningRateFactor === 1 ? '' : text.learningRateFactor,
    });
    const further = config.ngAffineOptions === '' ? '' : ` ${config.ngAffineOptions}`;
    return pair(
      name,
      `type=NaturalGradientAffineComponent input-dim=${input.dim} output-dim=${config.dim} ${options}${further}`,
      input.text,
    );
  },
});
