import { latticePosteriors } from '@jebena/decode';
import { formatFloat, doubleHolder, posteriorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { exitCode, tableWriter } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { eachLattice } from './lattice-program.js';
import { scaleOptions } from './scale-options.js';

export const program = defineProgram({
  name: 'lattice-to-post',
  summary: 'Computes the posteriors of transition ids by forward-backward over each lattice.',
  usage: ['<lattice-rspecifier> <posteriors-wspecifier> [<loglikes-wspecifier>]'],
  options: defineOptions(scaleOptions),
  args: [2, 3],
  run: async ([input, output, likesOut], scales, context) => {
    const posteriors = tableWriter(posteriorHolder, output!);
    const likes = likesOut ? tableWriter(doubleHolder, likesOut) : undefined;
    let [frames, like, acoustic] = [0, 0, 0];
    const { done, failed } = await eachLattice(input!, context, [posteriors, likes], async (lattice, key) => {
      const { posterior, logLike, acousticLogLike } = latticePosteriors(lattice, scales);
      frames += posterior.length;
      like += logLike;
      acoustic += acousticLogLike;
      await posteriors.write(key, posterior);
      await likes?.write(key, logLike);
    });
    const show = (sum: number): string => formatFloat(sum / frames, 6);
    context.log(
      `Overall average log-like/frame is ${show(like)} over ${frames} frames.  Average acoustic like/frame is ${show(acoustic)}`,
    );
    context.log(`Done ${done} lattices${failed ? `, failed for ${failed}` : ''}.`);
    return exitCode(done);
  },
});
