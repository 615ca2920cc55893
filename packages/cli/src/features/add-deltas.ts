import { FeatureError, addDeltas, deltaOptions, selectColumns } from '@jebena/features';
import { atLeast, defineOptions, int } from '@jebena/options';
import { defineProgram } from '../program.js';
import { changeMatrices, unlessEmpty } from './matrix-program.js';

export const program = defineProgram({
  name: 'add-deltas',
  summary: 'Appends time derivatives to features.',
  usage: ['<in-rspecifier> <out-wspecifier>'],
  options: defineOptions({
    ...deltaOptions,
    truncate: int(0, 'If not 0, first cut the features to this many columns', atLeast(0)),
  }),
  args: [2, 2],
  run: async ([input, output], { truncate, ...options }, context) => {
    const columns = Array.from({ length: truncate }, (_, c) => c);
    await changeMatrices(
      input!,
      output!,
      (feats, key) => {
        if (!unlessEmpty(feats, key, context)) return undefined;
        if (truncate > feats.cols)
          throw new FeatureError(`truncate: expected at most ${feats.cols} columns, found ${truncate}`);
        return addDeltas(truncate === 0 ? feats : selectColumns(feats, columns), options);
      },
      context,
    );
    return 0;
  },
});
