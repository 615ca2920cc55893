import { type OptionSpec, defineOptions, flagName, float, int, text } from '@jebena/options';
import { defineLayer, pair, passed } from '../layer.js';

const shared = {
  dim: int(-1, 'Dimension of the output'),
  orthonormalConstraint: text('', 'Scale at which the weights are kept orthonormal; -1 lets it float'),
  maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
  l2Regularize: text('', 'Weight of l2 regularization'),
  paramStddev: text('', 'Spread of the first weights'),
};

/** A layer of one component, which has a key of its own besides the shared ones. */
const matrixComponent = (name: string, component: string, summary: string, own: string, key: OptionSpec<string>) =>
  defineLayer({
    names: [name],
    summary,
    keys: defineOptions({ ...shared, [own]: key }),
    check: ({ config }) => config.dim <= 0 && 'dim must be given, above 0',
    output: ({ name, config }) => ({ text: name, dim: config.dim }),
    lines: ({ name, input, config, text }) => {
      const options = passed({
        'orthonormal-constraint': text.orthonormalConstraint,
        'max-change': text.maxChange,
        'l2-regularize': text.l2Regularize,
        'param-stddev': text.paramStddev,
        [flagName(own)]: (text as Record<string, string>)[own]!,
      });
      return pair(name, `type=${component} input-dim=${input.dim} output-dim=${config.dim} ${options}`, input.text);
    },
  });

export const linearComponent = matrixComponent(
  'linear-component',
  'LinearComponent',
  'A linear component without bias.',
  'learningRateFactor',
  text('', 'Factor on the learning rate'),
);

export const affineComponent = matrixComponent(
  'affine-component',
  'NaturalGradientAffineComponent',
  'An affine component, which may be kept orthonormal.',
  'biasStddev',
  text('', 'Spread of the first biases'),
);
