import { defineOptions, float, int, text } from '@jebena/options';
import { type Layer, defineLayer, pair, passed } from '../layer.js';
import { convolutionKeys, leadingOptions } from './convolution-keys.js';

const keys = defineOptions({
  heightIn: int(-1, 'Height of the image that is read'),
  heightSubsampleOut: int(1, 'Keeps each so-manyth height'),
  heightOut: int(-1, 'Height of the image that is made'),
  heightOffsets: text('', 'Heights that a filter spans, e.g. -1,0,1'),
  numFiltersOut: int(-1, 'Number of filters'),
  timeOffsets: text('', 'Frames that a filter spans, e.g. -1,0,1'),
  requiredTimeOffsets: text('', 'Those of them that must exist; all where not set'),
  targetRms: float(1, 'Root mean square that renorm and batchnorm aim at'),
  selfRepairScale: float(2e-5, 'Scale of the self-repair of relu'),
  selfRepairLowerThreshold: float(0.05, 'Below this share of active frames a relu is repaired'),
  maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
  learningRateFactor: text('', 'Factor on the learning rate'),
  dropoutProportion: float(0.5, 'Proportion that dropout drops'),
  ...convolutionKeys,
});

/** Layers named after their operations, e.g. `conv-relu-batchnorm-layer`; the image is height times filters. */
export const convolutionLayer = defineLayer({
  names: [
    'conv-layer',
    'conv-relu-layer',
    'conv-renorm-layer',
    'conv-relu-renorm-layer',
    'conv-relu-batchnorm-layer',
    'conv-relu-batchnorm-so-layer',
    'conv-relu-batchnorm-dropout-layer',
    'conv-relu-dropout-layer',
    'relu-conv-layer',
    'relu-conv-renorm-layer',
    'relu-batchnorm-conv-layer',
    'relu-batchnorm-noconv-layer',
    'relu-noconv-layer',
    'batchnorm-conv-layer',
    'batchnorm-conv-relu-layer',
  ],
  summary: 'A convolution over time and height with, in the order of its name, nonlinearities and normalisations.',
  keys,
  check: (layer) => {
    const { config: c, input, type } = layer;
    if (c.heightIn <= 0) return 'height-in must be given, above 0';
    if (input.dim % c.heightIn !== 0)
      return `the input's ${input.dim} dimensions are no multiple of height-in=${c.heightIn}`;
    if (c.heightSubsampleOut <= 0) return `height-subsample-out=${c.heightSubsampleOut} must be above 0`;
    if (c.heightOut <= 0) return 'height-out must be given, above 0';
    const sizes = `height-in=${c.heightIn}, height-out=${c.heightOut} and height-subsample-out=${c.heightSubsampleOut}`;
    if (c.heightOut * c.heightSubsampleOut > c.heightIn) return `${sizes} do not fit: height-out is too large`;
    if (!type.includes('noconv')) {
      for (const [key, value] of [
        ['height-offsets', c.heightOffsets],
        ['time-offsets', c.timeOffsets],
        ['required-time-offsets', c.requiredTimeOffsets || '0'],
      ] as const) {
        if (!isRising(value)) return `${key}: expected whole numbers that rise, e.g. -1,0,1, found '${value}'`;
      }
      if (c.numFiltersOut <= 0) return 'num-filters-out must be given, above 0';
    }
    if (c.heightOut * c.heightSubsampleOut < c.heightIn - c.heightOffsets.split(',').length) {
      return `${sizes} do not fit: height-out is too small`;
    }
    return c.targetRms <= 0 && `target-rms=${c.targetRms} must be above 0`;
  },
  expanded: (layer) => ({ 'num-filters-in': filtersIn(layer) }),
  output: (layer) => {
    const { name, type, config } = layer;
    // Without a convolution the image keeps its size.
    const dim = type.includes('noconv') ? layer.input.dim : config.numFiltersOut * config.heightOut;
    return { text: `${name}.${operationsOf(type).at(-1)!}`, dim };
  },
  lines: (layer) => {
    const { name, type, input, config, text } = layer;
    const lines: string[] = [];
    let node = input.text;
    let filters = filtersIn(layer);
    let height = config.heightIn;
    const add = (part: string, component: string): void => {
      // Kaldi's script has two spaces after the name of a batchnorm.
      const space = part === 'batchnorm' ? ' ' : '';
      lines.push(...pair(`${name}.${part}`, space + component, node));
      node = `${name}.${part}`;
    };
    for (const operation of operationsOf(type)) {
      const dim = filters * height;
      const rms = `target-rms=${text.targetRms}`;
      if (operation === 'conv') {
        add('conv', `type=TimeHeightConvolutionComponent ${convolutionOf(layer)}`);
        filters = config.numFiltersOut;
        height = config.heightOut;
      } else if (operation === 'batchnorm') {
        add('batchnorm', `type=BatchNormComponent dim=${dim} block-dim=${filters} ${rms}`);
      } else if (operation === 'renorm') {
        add('renorm', `type=NormalizeComponent dim=${dim} ${rms}`);
      } else if (operation === 'relu') {
        add(
          'relu',
          `type=RectifiedLinearComponent dim=${dim} block-dim=${filters} self-repair-scale=${text.selfRepairScale} ` +
            `self-repair-lower-threshold=${text.selfRepairLowerThreshold}`,
        );
      } else if (operation === 'dropout') {
        add('dropout', `type=DropoutComponent dim=${dim} dropout-proportion=${text.dropoutProportion}`);
      } else {
        add('so', `type=ScaleAndOffsetComponent dim=${dim} block-dim=${filters}`);
      }
    }
    return lines;
  },
});

const operationsOf = (type: string): string[] =>
  type
    .split('-')
    .slice(0, -1)
    .filter((operation) => operation !== 'noconv');

const filtersIn = ({ input, config }: Layer<typeof keys>): number => input.dim / config.heightIn;

const isRising = (text: string): boolean => {
  const values = text.split(',').map((part) => (/^\s*[+-]?\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  return values.every((value, i) => Number.isInteger(value) && (i === 0 || value > values[i - 1]!));
};

function convolutionOf(layer: Layer<typeof keys>): string {
  const { text } = layer;
  const sizes = passed({
    'num-filters-in': String(filtersIn(layer)),
    'num-filters-out': text.numFiltersOut,
    'height-in': text.heightIn,
    'height-out': text.heightOut,
    'height-subsample-out': text.heightSubsampleOut,
    'height-offsets': text.heightOffsets,
    'time-offsets': text.timeOffsets,
    'required-time-offsets': text.requiredTimeOffsets,
    'learning-rate-factor': text.learningRateFactor,
    'l2-regularize': text.l2Regularize,
  });
  return leadingOptions(text) + sizes;
}
