import { defineOptions, int, text } from '@jebena/options';
import { type Layer, defineLayer, pair } from '../layer.js';

const keys = defineOptions({
  dim: int(-1, 'Not needed: follows from the input and config'),
  config: text('', 'What is gathered, e.g. mean+stddev(-99:3:9:99): left, step in, step out, right'),
});

/** Statistics over a window of time. */
export const statsLayer = defineLayer({
  names: ['stats-layer'],
  summary: 'Mean, and on request standard deviation and count, over a window of time.',
  keys,
  derive: (layer) => {
    const window = windowOf(layer);
    return window && layer.config.dim <= 0 ? { dim: window.dim } : {};
  },
  check: (layer) => {
    const window = windowOf(layer);
    const { config } = layer.config;
    if (!window) return `config: expected mean[+stddev][+count](left:step:period:right), found '${config}'`;
    const { left, right, step, period, dim } = window;
    const whole = left >= 0 && right >= 0 && step > 0 && period > 0;
    if (!whole || left % period || right % period || period % step) {
      return `config=${config}: the edges must be multiples of the period, and the period of the step`;
    }
    return layer.config.dim !== dim && `dim=${layer.config.dim}, but the statistics have ${dim}`;
  },
  output: (layer) => {
    const { left, right, period, dim } = windowOf(layer)!;
    return { text: `Round(${layer.name}-pooling-${left}-${right}, ${period})`, dim };
  },
  lines: (layer) => {
    const { name, input } = layer;
    const { left, right, step, period, stddev, count } = windowOf(layer)!;
    const extraction = `${name}-extraction-${left}-${right}`;
    const pooling = `${name}-pooling-${left}-${right}`;
    return [
      ...pair(
        extraction,
        `type=StatisticsExtractionComponent input-dim=${input.dim} input-period=${step} output-period=${period} ` +
          `include-variance=${stddev} `,
        `${input.text} `,
      ),
      ...pair(
        pooling,
        `type=StatisticsPoolingComponent input-dim=${1 + input.dim * (stddev ? 2 : 1)} input-period=${period} ` +
          `left-context=${left} right-context=${right} num-log-count-features=${count ? 1 : 0} output-stddevs=${stddev} `,
        `${extraction} `,
      ),
    ];
  },
});

function windowOf({ config, input }: Layer<typeof keys>) {
  const match = /mean(\+stddev)?(\+count)?\((-?\d+):(-?\d+):(-?\d+):(-?\d+)\)/.exec(config.config);
  if (!match) return undefined;
  const [stddev, count] = [match[1] !== undefined, match[2] !== undefined];
  const [left, step, period, right] = [-Number(match[3]), Number(match[4]), Number(match[5]), Number(match[6])];
  return { stddev, count, left, step, period, right, dim: input.dim * (stddev ? 2 : 1) + (count ? 1 : 0) };
}
