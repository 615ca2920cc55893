import { defineOptions } from '@jebena/options';
import { defineLayer, pair } from '../layer.js';
import { nodeOnly } from './node-only.js';

/** Appends first and second differences; the nodes in between are named after what is read, as Kaldi names them. */
export const deltaLayer = defineLayer({
  names: ['delta-layer'],
  summary: 'The input with its first and second differences over time, batch-normalized.',
  keys: defineOptions({}),
  check: ({ input, type }) => nodeOnly(type, input.text),
  output: ({ name, input }) => ({ text: name, dim: 3 * input.dim }),
  lines: ({ name, input: { text: x, dim } }) => [
    `dim-range-node name=${x}_copy1 input-node=${x} dim=${dim} dim-offset=0`,
    `dim-range-node name=${x}_copy2 input-node=${x} dim=${dim} dim-offset=0`,
    ...pair(
      `${x}_2`,
      `type=NoOpComponent dim=${3 * dim}`,
      `Append(Offset(${x},0), Sum(Offset(Scale(-1.0,${x}_copy1),-1), Offset(${x},1)), ` +
        `Sum(Offset(${x},-2), Offset(${x},2), Offset(Scale(-2.0,${x}_copy2),0)))`,
    ),
    ...pair(name, `type=BatchNormComponent dim=${3 * dim}`, `${x}_2`),
  ],
});
