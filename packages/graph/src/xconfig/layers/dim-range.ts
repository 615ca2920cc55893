import { defineOptions, int } from '@jebena/options';
import { defineLayer } from '../layer.js';
import { nodeOnly } from './node-only.js';

export const dimRangeComponent = defineLayer({
  names: ['dim-range-component'],
  summary: 'Some consecutive dimensions of a node.',
  keys: defineOptions({ dim: int(-1, 'How many dimensions'), dimOffset: int(0, 'The first of them') }),
  derive: ({ config, input }) => (config.dim <= 0 ? { dim: input.dim } : {}),
  check: ({ config: { dim, dimOffset }, input, type }) => {
    if (dimOffset < 0) return `dim-offset=${dimOffset} must not be below 0`;
    if (dimOffset + dim > input.dim) return `dimensions ${dimOffset} to ${dimOffset + dim} of an input of ${input.dim}`;
    return nodeOnly(type, input.text);
  },
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, input, config }) => [
    `dim-range-node name=${name} input-node=${input.text} dim=${config.dim} dim-offset=${config.dimOffset}`,
  ],
});
