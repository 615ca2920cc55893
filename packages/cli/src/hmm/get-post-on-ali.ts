import { posteriorOnAlignment } from '@jebena/hmm';
import { int32VectorHolder, posteriorHolder, vectorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { exitCode, openTable, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'get-post-on-ali',
  summary: 'Writes for each frame the posterior of the label that an alignment has there: confidences as weights.',
  usage: ['<posteriors-rspecifier> <alignment-rspecifier> <weights-wspecifier>'],
  options: defineOptions({}),
  args: [3, 3],
  run: async ([posteriors, alignments, output], _, context) => {
    const table = openTable(int32VectorHolder, alignments!, context);
    const writer = tableWriter(vectorHolder, output!);
    let [done, failed] = [0, 0];
    await writing([writer], async () => {
      for await (const [key, posterior] of readTable(posteriorHolder, posteriors!, context)) {
        const alignment = await table.get(key);
        if (alignment?.length !== posterior.length) {
          context.warn(
            `${key}: expected an alignment of ${posterior.length} frames, found ${alignment?.length ?? 'none'}`,
          );
          failed++;
          continue;
        }
        await writer.write(key, posteriorOnAlignment(posterior, alignment));
        done++;
      }
    }).finally(() => table.close());
    context.log(`Done getting the posteriors under the alignment for ${done} utterances, errors for ${failed}`);
    return exitCode(done);
  },
});
