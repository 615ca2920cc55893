import { accuracyPosteriors } from '@jebena/decode';
import { formatFloat, int32VectorHolder, posteriorHolder } from '@jebena/io-ark';
import { bool, defineOptions, text } from '@jebena/options';
import { exitCode, openTable, readObject, tableWriter } from '../io-ark/tables.js';
import { parseInts, transitionModelHolder } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { eachLattice, needed } from './lattice-program.js';
import { scaleOptions } from './scale-options.js';

/** lattice-to-smbr-post and lattice-to-mpe-post differ in what counts as right. */
export const accuracyProgram = (name: string, criterion: 'smbr' | 'mpfe') =>
  defineProgram({
    name,
    summary: 'Computes the derivatives of the expected frame accuracy, as posteriors of transition ids.',
    usage: ['<model> <num-alignments-rspecifier> <lattice-rspecifier> <posteriors-wspecifier>'],
    options: defineOptions({
      ...scaleOptions,
      silencePhones: text('', 'Colon-separated list of integer ids of silence phones'),
      oneSilenceClass: bool(
        false,
        'If true, take all silence phones for one class, right where the reference is silence',
      ),
    }),
    args: [4, 4],
    run: async ([modelFile, aliIn, input, output], { silencePhones, ...options }, context) => {
      const model = await readObject(transitionModelHolder, modelFile!);
      const silence = parseInts(silencePhones, '--silence-phones');
      if (silence.length === 0) context.warn('No silence phones specified, make sure this is what you intended.');
      const alignments = openTable(int32VectorHolder, aliIn!, context);
      const posteriors = tableWriter(posteriorHolder, output!);
      let [frames, right] = [0, 0];
      const { done, failed } = await eachLattice(input!, context, [posteriors], async (lattice, key) => {
        const reference = needed(await alignments.get(key), 'alignment');
        const made = accuracyPosteriors(lattice, model, reference, { criterion, ...options, silencePhones: silence });
        frames += reference.length;
        right += made.accuracy;
        await posteriors.write(key, made.posterior);
      });
      await alignments.close();
      context.log(`Overall average frame-accuracy is ${formatFloat(right / frames, 6)} over ${frames} frames.`);
      context.log(`Done ${done} lattices${failed ? `, failed for ${failed}` : ''}.`);
      return exitCode(done);
    },
  });
