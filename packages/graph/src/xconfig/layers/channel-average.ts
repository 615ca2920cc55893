import { defineOptions, int } from '@jebena/options';
import { defineLayer, pair } from '../layer.js';
import { realText } from '../number-text.js';

export const channelAverageLayer = defineLayer({
  names: ['channel-average-layer'],
  summary: 'The mean over the heights of an image of `height * channels` dimensions.',
  keys: defineOptions({ dim: int(-1, 'Number of channels, the dimension of the output') }),
  check: ({ config: { dim }, input }) => {
    if (dim <= 0) return 'dim must be given, above 0';
    return input.dim % dim !== 0 && `the input's ${input.dim} dimensions are no multiple of dim=${dim}`;
  },
  output: ({ name, config }) => ({ text: name, dim: config.dim }),
  lines: ({ name, input, config: { dim } }) =>
    pair(
      name,
      `type=SumBlockComponent input-dim=${input.dim} output-dim=${dim} scale=${realText(dim / input.dim)}`,
      input.text,
    ),
});
