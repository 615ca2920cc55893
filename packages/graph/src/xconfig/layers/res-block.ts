import { bool, choice, defineOptions, float, int } from '@jebena/options';
import { type Layer, defineLayer, pair } from '../layer.js';
import { convolutionKeys, convolutionOptions } from './convolution-keys.js';

const keys = defineOptions({
  height: int(-1, 'Height of the image'),
  numFilters: int(-1, 'Number of filters; follows from the input and height where not set'),
  numBottleneckFilters: int(-1, 'Where set, three convolutions with so many filters in the middle instead of two'),
  timePeriod: int(1, 'Distance in frames of what a filter spans'),
  heightPeriod: int(1, 'Distance in height of what a filter spans'),
  selfRepairScale: float(2e-5, 'Scale of the self-repair of relu'),
  selfRepairLowerThreshold1: float(0.05, 'Below this share of active frames the first relu is repaired'),
  selfRepairLowerThreshold2: float(0.05, 'The same for the second'),
  selfRepairLowerThreshold3: float(0.05, 'The same for the third'),
  maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
  allowZeroPadding: bool(true, 'Frames beyond the edges may be missing'),
  bypassSource: choice('noop', ['noop', 'input', 'relu', 'batchnorm'], 'What is added to the result'),
  ...convolutionKeys,
});

/** relu, batchnorm and convolution, two or three times, added to what was read (He et al. 2016). */
export const resBlock = defineLayer({
  names: ['res-block'],
  summary: 'A residual block of two convolutions, or of three with a bottleneck.',
  keys,
  derive: ({ config, input }) => (config.numFilters === -1 ? { numFilters: input.dim / config.height } : {}),
  check: ({ config: { height, numFilters, numBottleneckFilters }, input }) => {
    if (height <= 0) return 'height must be given, above 0';
    if (numBottleneckFilters === 0) return 'num-bottleneck-filters must be above 0';
    const expected = `expected height=${height} times num-filters, found an input of ${input.dim} dimensions`;
    return (!Number.isInteger(numFilters) || input.dim !== height * numFilters) && expected;
  },
  output: ({ name, config, input }) => {
    const last = `${name}.conv${steps(config.numBottleneckFilters)}`;
    const bypass = { input: input.text, relu: `${name}.relu1`, batchnorm: `${name}.batchnorm1`, noop: '' };
    const text = config.bypassSource === 'noop' ? `${name}.noop` : `Sum(${last}, ${bypass[config.bypassSource]})`;
    return { text, dim: input.dim };
  },
  lines: (layer) => {
    const { name, input, config } = layer;
    const lines: string[] = [];
    let node = input.text;
    const add = (part: string, component: string): void => {
      lines.push(...pair(`${name}.${part}`, component, node));
      node = `${name}.${part}`;
    };
    const last = steps(config.numBottleneckFilters);
    let filters = config.numFilters;
    for (let n = 1; n <= last; n++) {
      const next = last === 3 && n < 3 ? config.numBottleneckFilters : config.numFilters;
      const image = `dim=${filters * config.height} block-dim=${filters}`;
      add(`relu${n}`, `type=RectifiedLinearComponent ${image} ${repair(layer, n)}`);
      add(`batchnorm${n}`, ` type=BatchNormComponent ${image}`);
      // With a bottleneck only the convolution in the middle looks around itself.
      const wide = last === 2 || n === 2;
      add(`conv${n}`, `type=TimeHeightConvolutionComponent ${convolution(layer, wide, filters, next)}`);
      filters = next;
    }
    if (config.bypassSource === 'noop') {
      lines.push(
        `component name=${name}.noop dim=${input.dim} type=NoOpComponent`,
        `component-node name=${name}.noop component=${name}.noop input=Sum(${input.text}, ${node})`,
      );
    }
    return lines;
  },
});

const steps = (bottleneck: number): 2 | 3 => (bottleneck > 0 ? 3 : 2);

const repair = ({ text }: Layer<typeof keys>, n: number): string =>
  `self-repair-scale=${text.selfRepairScale} ` +
  `self-repair-lower-threshold=${text[`selfRepairLowerThreshold${n as 1 | 2 | 3}`]}`;

function convolution(
  { config, text }: Layer<typeof keys>,
  wide: boolean,
  filtersIn: number,
  filtersOut: number,
): string {
  const span = (period: number): string => (wide ? `-${period},0,${period}` : '0');
  return (
    `height-in=${config.height} height-out=${config.height} height-offsets=${span(config.heightPeriod)} ` +
    `time-offsets=${span(config.timePeriod)} num-filters-in=${filtersIn} num-filters-out=${filtersOut} ` +
    `${config.allowZeroPadding ? 'required-time-offsets=0' : ''} ${convolutionOptions(text)}`
  );
}
