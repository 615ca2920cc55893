import { defineOptions, int } from '@jebena/options';
import { defineLayer, pair } from '../layer.js';

export const combineFeatureMapsLayer = defineLayer({
  names: ['combine-feature-maps-layer'],
  summary: 'Interleaves two or three appended groups of feature maps, height by height.',
  keys: defineOptions({
    numFilters1: int(-1, 'Maps of the first group'),
    numFilters2: int(-1, 'Maps of the second group'),
    numFilters3: int(0, 'Maps of the third group'),
    height: int(-1, 'Height of every map'),
  }),
  check: ({ config: { numFilters1, numFilters2, numFilters3, height }, input }) => {
    if (numFilters1 <= 0 || numFilters2 <= 0 || height <= 0 || numFilters3 < 0) {
      return 'num-filters1, num-filters2 and height must be given, above 0, and num-filters3 not be below 0';
    }
    const expected = (numFilters1 + numFilters2 + numFilters3) * height;
    return input.dim !== expected && `expected an input of (filters) * height = ${expected}, found ${input.dim}`;
  },
  output: ({ name, input }) => ({ text: name, dim: input.dim }),
  lines: ({ name, input, config: { numFilters1, numFilters2, numFilters3, height } }) => {
    const columns: number[] = [];
    for (let h = 0; h < height; h++) {
      let group = 0;
      for (const filters of [numFilters1, numFilters2, numFilters3]) {
        for (let f = 0; f < filters; f++) columns.push(group + h * filters + f);
        group += height * filters;
      }
    }
    return pair(name, `type=PermuteComponent column-map=${columns.join(',')} `, input.text);
  },
});
