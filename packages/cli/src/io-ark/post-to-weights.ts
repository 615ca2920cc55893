import { type AnyVector, type Posterior, posteriorHolder, vectorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyTable, exitCode } from './tables.js';

export const program = defineProgram({
  name: 'post-to-weights',
  summary: 'Turns posteriors into weights of frames: the sum of the weights of each.',
  usage: ['<post-rspecifier> <weights-wspecifier>'],
  options: defineOptions({}),
  args: [2, 2],
  run: async ([input, output], _, context) => {
    const convert = (posterior: Posterior): AnyVector =>
      Float32Array.from(posterior, (frame) => frame.reduce((sum, [, weight]) => Math.fround(sum + weight), 0));
    const count = await copyTable([posteriorHolder, input!], [vectorHolder, output!], convert, context);
    context.log(`Done converting ${count} posteriors to weights.`);
    return exitCode(count);
  },
});
