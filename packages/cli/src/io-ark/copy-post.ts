import { type Posterior, posteriorHolder } from '@jebena/io-ark';
import { defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyTable, exitCode } from './tables.js';

export const program = defineProgram({
  name: 'copy-post',
  summary: 'Copies archives of posteriors, and scales them if asked to.',
  usage: ['<post-rspecifier> <post-wspecifier>'],
  options: defineOptions({ scale: float(1, 'Scale for posteriors') }),
  args: [2, 2],
  run: async ([input, output], { scale }, context) => {
    const scaled = (posterior: Posterior): Posterior => {
      if (scale === 1) return posterior;
      if (scale === 0) return posterior.map(() => []);
      return posterior.map((frame) => frame.map(([id, weight]) => [id, Math.fround(weight * scale)] as const));
    };
    const count = await copyTable([posteriorHolder, input!], [posteriorHolder, output!], scaled, context);
    context.log(`Done copying ${count} posteriors.`);
    return exitCode(count);
  },
});
