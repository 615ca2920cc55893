import { type Posterior, int32VectorHolder, posteriorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyTable, exitCode } from './tables.js';

export const program = defineProgram({
  name: 'ali-to-post',
  summary: 'Converts alignments to posteriors: one entry of weight 1 a frame.',
  usage: ['<alignments-rspecifier> <posteriors-wspecifier>'],
  options: defineOptions({}),
  args: [2, 2],
  run: async ([input, output], _, context) => {
    const convert = (alignment: Int32Array): Posterior => Array.from(alignment, (id) => [[id, 1]]);
    const count = await copyTable([int32VectorHolder, input!], [posteriorHolder, output!], convert, context);
    context.log(`Converted ${count} alignments.`);
    return exitCode(count);
  },
});
