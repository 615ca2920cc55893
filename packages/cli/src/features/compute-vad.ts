import { energyVad, energyVadOptions } from '@jebena/features';
import { matrixHolder, vectorHolder } from '@jebena/io-ark';
import { bool, defineOptions } from '@jebena/options';
import { exitCode, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { unlessEmpty } from './matrix-program.js';

export const program = defineProgram({
  name: 'compute-vad',
  summary: 'Says for each frame whether there is voice (1) or not (0), by its log-energy in the first column.',
  usage: ['<feats-rspecifier> <vad-wspecifier>'],
  options: defineOptions({
    ...energyVadOptions,
    omitUnvoicedUtts: bool(false, 'Leave out utterances without a single voiced frame'),
  }),
  args: [2, 2],
  run: async ([input, output], { omitUnvoicedUtts, ...options }, context) => {
    const writer = tableWriter(vectorHolder, output!);
    let [done, errors, unvoiced] = [0, 0, 0];
    await writing([writer], async () => {
      for await (const [key, feats] of readTable(matrixHolder, input!, context)) {
        if (!unlessEmpty(feats, key, context)) {
          errors++;
          continue;
        }
        const voiced = energyVad(feats, options);
        done++;
        if (!voiced.includes(1)) unvoiced++;
        if (!omitUnvoicedUtts || voiced.includes(1)) await writer.write(key, voiced);
      }
    });
    context.log(
      `Processed ${done} utterances; ${errors} had empty features, and ${unvoiced} were completely unvoiced.`,
    );
    return exitCode(done);
  },
});
