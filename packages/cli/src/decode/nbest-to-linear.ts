import { latticeBestPath } from '@jebena/decode';
import { floatHolder, int32VectorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { exitCode, tableWriter } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { eachLattice, needed } from './lattice-program.js';

export const program = defineProgram({
  name: 'nbest-to-linear',
  summary: 'Takes lattices of one path apart: transition ids, words, graph costs, acoustic costs.',
  usage: [
    '<nbest-rspecifier> <alignments-wspecifier> [<transcriptions-wspecifier> [<lm-cost-wspecifier> [<ac-cost-wspecifier>]]]',
  ],
  options: defineOptions({}),
  args: [2, 5],
  run: async ([input, aliOut, wordsOut, lmOut, acousticOut], _, context) => {
    const alignments = tableWriter(int32VectorHolder, aliOut!);
    const words = wordsOut ? tableWriter(int32VectorHolder, wordsOut) : undefined;
    const lm = lmOut ? tableWriter(floatHolder, lmOut) : undefined;
    const acoustic = acousticOut ? tableWriter(floatHolder, acousticOut) : undefined;
    const { done, failed } = await eachLattice(
      input!,
      context,
      [alignments, words, lm, acoustic],
      async (lattice, key) => {
        const path = needed(latticeBestPath(lattice), 'path');
        await alignments.write(key, path.alignment);
        await words?.write(key, path.words);
        await lm?.write(key, path.graphCost);
        await acoustic?.write(key, path.acousticCost);
      },
    );
    context.log(`Done ${done} n-best entries, ${failed} had errors.`);
    return exitCode(done);
  },
});
