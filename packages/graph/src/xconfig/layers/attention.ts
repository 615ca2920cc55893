import { bool, defineOptions, float, int, text } from '@jebena/options';
import { type Layer, defineLayer, pair } from '../layer.js';

const keys = defineOptions({
  dim: int(-1, 'Not used: follows from the heads'),
  maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
  selfRepairScale: float(1e-5, 'Scale of the self-repair of relu'),
  targetRms: float(1, 'Root mean square that renorm and batchnorm aim at'),
  learningRateFactor: float(1, 'Factor on the learning rate'),
  ngAffineOptions: text('', 'Further text for the affine component'),
  l2Regularize: float(0, 'Weight of l2 regularization'),
  numLeftInputsRequired: int(-1, 'Inputs on the left that must exist; -1 for all'),
  numRightInputsRequired: int(-1, 'Inputs on the right that must exist; -1 for all'),
  outputContext: bool(true, 'The output holds the weights as well'),
  timeStride: int(1, 'Distance of the inputs in frames'),
  numHeads: int(1, 'Number of heads'),
  keyDim: int(-1, 'Dimension of a key'),
  keyScale: float(0, 'Factor on the products of keys and queries; one over the root of key-dim where not set'),
  valueDim: int(-1, 'Dimension of a value'),
  numLeftInputs: int(-1, 'Inputs on the left'),
  numRightInputs: int(-1, 'Inputs on the right'),
  dropoutProportion: float(0.5, 'Proportion that dropout drops'),
});

/** Attention over a window of time (Povey et al. 2018, "A time-restricted self-attention layer for ASR"). */
export const attentionLayer = defineLayer({
  names: [
    'attention-renorm-layer',
    'attention-relu-renorm-layer',
    'attention-relu-batchnorm-layer',
    'relu-renorm-attention-layer',
  ],
  summary: 'An affine component, then in the order of its name time-restricted attention and nonlinearities.',
  keys,
  derive: ({ config, input }) => ({
    ...(config.dim <= 0 && { dim: input.dim }),
    ...(config.keyScale === 0 && { keyScale: 1 / Math.sqrt(config.keyDim) }),
  }),
  check: ({ config: c }) => {
    if (c.selfRepairScale < 0 || c.selfRepairScale > 1)
      return `self-repair-scale=${c.selfRepairScale} must lie in 0 to 1`;
    if (c.targetRms < 0) return `target-rms=${c.targetRms} must not be below 0`;
    if (c.learningRateFactor <= 0) return `learning-rate-factor=${c.learningRateFactor} must be above 0`;
    if (c.keyDim <= 0 || c.valueDim <= 0) return 'key-dim and value-dim must be given, above 0';
    if (c.numLeftInputs < 0 || c.numRightInputs < 0)
      return 'num-left-inputs and num-right-inputs must be given, at least 0';
    return c.numHeads < 1 && `num-heads=${c.numHeads} must be above 0`;
  },
  output: (layer) => ({ text: `${layer.name}.${layer.type.split('-').at(-2)!}`, dim: outputDim(layer) }),
  lines: (layer) => {
    const { name, type, input, config, text } = layer;
    const lines: string[] = [];
    let node = input.text;
    const add = (part: string, component: string): void => {
      lines.push(...pair(`${name}.${part}`, component, node));
      node = `${name}.${part}`;
    };
    // A head reads a key, a value and a query; the query has a part for each place in the window.
    let dim = config.numHeads * (2 * config.keyDim + config.valueDim + windowSize(layer));
    const factor = config.learningRateFactor === 1 ? '' : `learning-rate-factor=${text.learningRateFactor}`;
    const l2 = config.l2Regularize === 0 ? '' : `l2-regularize=${text.l2Regularize} `;
    add(
      'affine',
      `type=NaturalGradientAffineComponent input-dim=${input.dim} output-dim=${dim} max-change=${text.maxChange} ` +
        `${config.ngAffineOptions} ${factor} ${l2}`,
    );
    for (const operation of type.split('-').slice(0, -1)) {
      if (operation === 'attention') {
        add(
          'attention',
          `type=RestrictedAttentionComponent value-dim=${config.valueDim} key-dim=${config.keyDim} ` +
            `num-left-inputs=${config.numLeftInputs} num-right-inputs=${config.numRightInputs} ` +
            `num-left-inputs-required=${config.numLeftInputsRequired} ` +
            `num-right-inputs-required=${config.numRightInputsRequired} output-context=${text.outputContext} ` +
            `time-stride=${config.timeStride} num-heads=${config.numHeads} key-scale=${text.keyScale}`,
        );
        dim = outputDim(layer);
      } else if (operation === 'relu') {
        add('relu', `type=RectifiedLinearComponent dim=${dim} self-repair-scale=${text.selfRepairScale}`);
      } else {
        const component = operation === 'renorm' ? 'NormalizeComponent' : 'BatchNormComponent';
        add(operation, `type=${component} dim=${dim} target-rms=${text.targetRms}`);
      }
    }
    return lines;
  },
});

const windowSize = ({ config }: Layer<typeof keys>): number => config.numLeftInputs + 1 + config.numRightInputs;
const outputDim = (layer: Layer<typeof keys>): number =>
  layer.config.numHeads * (layer.config.valueDim + (layer.config.outputContext ? windowSize(layer) : 0));
