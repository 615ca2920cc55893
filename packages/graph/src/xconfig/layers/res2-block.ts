import { bool, defineOptions, float, int } from '@jebena/options';
import { type Layer, defineLayer, pair } from '../layer.js';
import { convolutionKeys, convolutionOptions } from './convolution-keys.js';

const keys = defineOptions({
  height: int(-1, 'Height of the image on both sides'),
  heightIn: int(-1, 'Height of the image that is read'),
  heightOut: int(-1, 'Height of the image that is made: the same or about half'),
  numFilters: int(-1, 'Number of filters'),
  numBottleneckFilters: int(-1, 'Where set, three convolutions with so many filters in the middle instead of two'),
  timePeriod: int(1, 'Distance in frames of what a filter spans'),
  selfRepairScale: float(2e-5, 'Scale of the self-repair of relu'),
  selfRepairLowerThreshold1: float(0.05, 'Below this share of active frames the first relu is repaired'),
  selfRepairLowerThreshold2: float(0.05, 'The same for the second'),
  selfRepairLowerThreshold3: float(0.05, 'The same for the third'),
  maxChange: float(0.75, 'Most that a minibatch may change the parameters'),
  allowZeroPadding: bool(true, 'Frames beyond the edges may be missing'),
  ...convolutionKeys,
});

/** Convolution, batchnorm, scale-and-offset and relu, two or three times, with a bypass before the last relu. */
export const res2Block = defineLayer({
  names: ['res2-block'],
  summary: 'A residual block that may halve the height and change the number of filters.',
  keys,
  derive: ({ config: { height, heightIn, heightOut } }) =>
    height > 0 && heightIn === -1 && heightOut === -1 ? { heightIn: height, heightOut: height } : {},
  check: ({ config, input }) => {
    const { heightIn, heightOut, numFilters, numBottleneckFilters, timePeriod } = config;
    if (heightIn <= 0 || heightOut <= 0) return 'height, or height-in and height-out, must be given, above 0';
    if (input.dim % heightIn !== 0)
      return `the input's ${input.dim} dimensions are no multiple of height-in=${heightIn}`;
    if (numFilters <= 0) return 'num-filters must be given, above 0';
    if (numBottleneckFilters === 0) return 'num-bottleneck-filters must be above 0';
    if (heightOut === heightIn) return undefined;
    if (Math.abs(heightOut - heightIn / 2) > 1) {
      return `height-out=${heightOut} must be height-in=${heightIn} or about half of it`;
    }
    return (
      numBottleneckFilters < 0 && timePeriod % 2 !== 0 && `time-period=${timePeriod} must be even where height halves`
    );
  },
  output: ({ name, config }) => ({
    text: `${name}.relu${config.numBottleneckFilters > 0 ? 3 : 2}`,
    dim: config.heightOut * config.numFilters,
  }),
  lines: (layer) => {
    const { name, input, config, text } = layer;
    const { heightIn, heightOut, timePeriod } = config;
    const bottleneck = config.numBottleneckFilters > 0;
    const last = bottleneck ? 3 : 2;
    const filtersIn = input.dim / heightIn;
    const halves = heightIn !== heightOut;
    const subsample = halves ? 2 : 1;
    const options = convolutionOptions(text);
    const padding = config.allowZeroPadding ? 'required-time-offsets=0' : '';
    const bypass = !halves && filtersIn === config.numFilters ? input.text : `${name}.conv_bypass`;

    const lines: string[] = [];
    let node = input.text;
    const add = (part: string, component: string): void => {
      lines.push(...pair(`${name}.${part}`, component, node));
      node = `${name}.${part}`;
    };
    let filters = filtersIn;
    let height = heightIn;
    for (let n = 1; n <= last; n++) {
      const next = n === last || !bottleneck ? config.numFilters : config.numBottleneckFilters;
      const step = n === 1 ? subsample : 1;
      const ends = `num-filters-in=${filters} num-filters-out=${next}`;
      if (bottleneck) {
        const span = n === 2 ? '-1,0,1' : '0';
        const times = n === 2 ? `-${timePeriod},0,${timePeriod}` : '0';
        add(
          `conv${n}`,
          `type=TimeHeightConvolutionComponent height-in=${height} height-out=${heightOut} height-offsets=${span} ` +
            `time-offsets=${times} ${ends} height-subsample-out=${step} ${padding} ${options}`,
        );
      } else {
        // Before the height is halved the frames still lie twice as close.
        const period = halves && n === 1 ? timePeriod / 2 : timePeriod;
        add(
          `conv${n}`,
          `type=TimeHeightConvolutionComponent height-in=${height} height-out=${heightOut} height-offsets=-1,0,1 ` +
            `height-subsample-out=${step} time-offsets=-${period},0,${period} ${ends} ${padding} ${options}`,
        );
      }
      filters = next;
      height = heightOut;
      const image = `dim=${filters * height} block-dim=${filters}`;
      add(`batchnorm${n}`, ` type=BatchNormComponent ${image}`);
      add(`scaleoffset${n}`, ` type=ScaleAndOffsetComponent ${image}`);
      if (n === last) node = `Sum(${node}, ${bypass})`;
      add(`relu${n}`, `type=RectifiedLinearComponent ${image} ${repair(layer, n)}`);
    }
    if (bypass !== input.text) {
      const component =
        `type=TimeHeightConvolutionComponent height-in=${heightIn} height-out=${heightOut} height-offsets=0 ` +
        `time-offsets=0 height-subsample-out=${subsample} num-filters-in=${filtersIn} ` +
        `num-filters-out=${config.numFilters} ${options}`;
      lines.push(...pair(bypass, component, input.text));
    }
    return lines;
  },
});

const repair = ({ text }: Layer<typeof keys>, n: number): string =>
  `self-repair-scale=${text.selfRepairScale} ` +
  `self-repair-lower-threshold=${text[`selfRepairLowerThreshold${n as 1 | 2 | 3}`]}`;
