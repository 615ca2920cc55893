import { defineOptions, float, int } from '@jebena/options';
import { defineLayer, pair } from '../layer.js';

/** What stands before the output of a TDNN-F. */
export const prefinalLayer = defineLayer({
  names: ['prefinal-layer'],
  summary: 'An affine component, relu and batchnorm, then a narrow linear component and batchnorm.',
  keys: defineOptions({
    bigDim: int(-1, 'Dimension of the wide part'),
    smallDim: int(-1, 'Dimension of the output'),
    l2Regularize: float(0, 'Weight of l2 regularization'),
    maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
    selfRepairScale: float(1e-5, 'Scale of the self-repair of relu'),
  }),
  check: ({ config: { bigDim, smallDim } }) => {
    if (smallDim <= 0) return 'small-dim must be given, above 0';
    return bigDim <= smallDim && `big-dim=${bigDim} must be above small-dim=${smallDim}`;
  },
  output: ({ name, config }) => ({ text: `${name}.batchnorm2`, dim: config.smallDim }),
  lines: ({ name, input, config: { bigDim, smallDim }, text }) => {
    const shared = `l2-regularize=${text.l2Regularize} max-change=${text.maxChange}`;
    return [
      ...pair(
        `${name}.affine`,
        `type=NaturalGradientAffineComponent input-dim=${input.dim} output-dim=${bigDim} ${shared}`,
        input.text,
      ),
      ...pair(
        `${name}.relu`,
        `type=RectifiedLinearComponent dim=${bigDim} self-repair-scale=${text.selfRepairScale}`,
        `${name}.affine`,
      ),
      ...pair(`${name}.batchnorm1`, `type=BatchNormComponent dim=${bigDim}`, `${name}.relu`),
      ...pair(
        `${name}.linear`,
        `type=LinearComponent input-dim=${bigDim} output-dim=${smallDim} ${shared} orthonormal-constraint=-1 `,
        `${name}.batchnorm1`,
      ),
      ...pair(`${name}.batchnorm2`, `type=BatchNormComponent dim=${smallDim}`, `${name}.linear`),
    ];
  },
});
