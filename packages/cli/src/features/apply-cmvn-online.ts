import { accumulateCmvn, emptyCmvnStats, onlineCmvn, onlineCmvnOptions } from '@jebena/features';
import { type AnyMatrix, type Matrix, doubleMatrixHolder, matrixHolder, tokenVectorHolder } from '@jebena/io-ark';
import { defineOptions, text } from '@jebena/options';
import { exitCode, openTable, readObject, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'apply-cmvn-online',
  summary: 'Normalises each frame by the frames before it, as online decoding does.',
  usage: ['<global-cmvn-stats> <feature-rspecifier> <feature-wspecifier>'],
  options: defineOptions({
    ...onlineCmvnOptions,
    spk2utt: text('', 'Map from speaker to utterances, whose earlier ones then fill in (rspecifier)'),
  }),
  args: [3, 3],
  run: async ([stats, input, output], { spk2utt, ...options }, context) => {
    const global = await readObject(doubleMatrixHolder, stats!);
    const writer = tableWriter<AnyMatrix>(matrixHolder, output!);
    let [count, frames] = [0, 0];
    const one = async (key: string, feats: Matrix, speaker?: AnyMatrix): Promise<void> => {
      await writer.write(key, onlineCmvn(feats, global, options, speaker));
      count++;
      frames += feats.rows;
    };
    const table = spk2utt ? openTable(matrixHolder, input!, context) : undefined;
    const bySpeaker = async (utterances: readonly string[]): Promise<void> => {
      const speaker = emptyCmvnStats(global.cols - 1);
      for (const key of utterances) {
        const feats = await table!.get(key);
        if (feats) {
          await one(key, feats, speaker);
          accumulateCmvn(speaker, feats);
        } else context.warn(`No features for utterance ${key}`);
      }
    };
    try {
      await writing([writer], async () => {
        if (table)
          for await (const [, utterances] of readTable(tokenVectorHolder, spk2utt, context))
            await bySpeaker(utterances);
        else for await (const [key, feats] of readTable(matrixHolder, input!, context)) await one(key, feats);
      });
    } finally {
      await table?.close();
    }
    context.log(`Applied online CMVN to ${count} files, or ${frames} frames.`);
    return exitCode(count);
  },
});
