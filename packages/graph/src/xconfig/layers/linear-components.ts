import { defineOptions, float, int, text } from '@jebena/options';
import { defineLayer, pair, passed } from '../layer.js';

const keys = {
  dim: int(-1, 'Dimension of the output'),
  orthonormalConstraint: text('', 'Scale at which the weights are kept orthonormal; -1 lets it float'),
  maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
  l2Regularize: text('', 'Weight of l2 regularization'),
  paramStddev: text('', 'Spread of the first weights'),
};
const checkDim = (dim: number): string | false => dim <= 0 && 'dim must be given, above 0';

export const linearComponent = defineLayer({
  names: ['linear-component'],
  summary: 'A linear component without bias.',
  keys: defineOptions({ ...keys, learningRateFactor: text('', 'Factor on the learning rate') }),
  check: ({ config }) => checkDim(config.dim),
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, input, config, text }) => {
    const options = passed({
      'orthonormal-constraint': text.orthonormalConstraint,
      'max-change': text.maxChange,
      'l2-regularize': text.l2Regularize,
      'param-stddev': text.paramStddev,
      'learning-rate-factor': text.learningRateFactor,
    });
    return pair(name, `type=LinearComponent input-dim=${input.dim} output-dim=${config.dim} ${options}`, input.text);
  },
});

export const affineComponent = defineLayer({
  names: ['affine-component'],
  summary: 'An affine component, which may be kept orthonormal.',
  keys: defineOptions({ ...keys, biasStddev: text('', 'Spread of the first biases') }),
  check: ({ config }) => checkDim(config.dim),
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, input, config, text }) => {
    const options = passed({
      'orthonormal-constraint': text.orthonormalConstraint,
      'max-change': text.maxChange,
      'l2-regularize': text.l2Regularize,
      'param-stddev': text.paramStddev,
      'bias-stddev': text.biasStddev,
    });
    return pair(
      name,
      `type=NaturalGradientAffineComponent input-dim=${input.dim} output-dim=${config.dim} ${options}`,
      input.text,
    );
  },
});
