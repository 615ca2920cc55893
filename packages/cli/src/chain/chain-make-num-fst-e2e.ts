import { trainingGraphToPdfs } from '@jebena/chain';
import { defineOptions } from '@jebena/options';
import { compose, connect, type Fst, fstHolder } from '@jebena/wfst';
import { transitionModelHolder } from '../hmm/objects.js';
import { readObject, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { readFstFile } from '../wfst/files.js';

const options = defineOptions({});

/** Makes numerators of end-to-end LF-MMI, as Kaldi's program of this name does; what has no path is left out. */
export const program: Program<typeof options> = defineProgram({
  name: 'chain-make-num-fst-e2e',
  summary: 'Converts training graphs to acceptors over pdf + 1, composed with the normalization graph.',
  usage: ['<model> <normalization-fst> <training-graphs-rspecifier> <numerator-fsts-wspecifier>'],
  options,
  args: [4, 4],
  run: async ([modelFile, normalizationFile, input, output], _, context) => {
    const model = await readObject(transitionModelHolder, modelFile!);
    const normalization = await readFstFile(normalizationFile);
    const writer = tableWriter(fstHolder, output!);
    let [done, failed] = [0, 0];
    await writing([writer], async () => {
      for await (const [key, graph] of readTable(fstHolder, input!, context)) {
        let numerator: Fst;
        try {
          numerator = connect(compose(trainingGraphToPdfs(graph, model), normalization));
          if (numerator.start < 0) throw new Error('the normalization graph has none of its paths');
        } catch (error) {
          context.warn(`${key}: ${(error as Error).message}: left out`);
          failed++;
          continue;
        }
        await writer.write(key, numerator);
        done++;
      }
    });
    context.log(`Converted ${done} Fsts with transition-id to Fsts with pdf-id and normalized, left out ${failed}.`);
    return done > 0 ? 0 : 1;
  },
});
