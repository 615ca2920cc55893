import { defineOptions, int } from '@jebena/options';
import { defineLayer } from '../layer.js';

export const input = defineLayer({
  names: ['input'],
  summary: 'An input of the network.',
  keys: defineOptions({ dim: int(-1, 'Dimension of a frame') }),
  hasInput: false,
  check: ({ config }) => config.dim <= 0 && `dim must be above 0, found ${config.dim}`,
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, config }) => {
    const line = [`input-node name=${name} dim=${config.dim}`];
    return { init: line, ref: line, final: line };
  },
});
