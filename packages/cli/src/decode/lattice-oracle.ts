import { latticeOracle, WordErrorRate } from '@jebena/decode';
import { int32Holder, int32VectorHolder } from '@jebena/io-ark';
import { defineOptions, text } from '@jebena/options';
import { exitCode, openTable, tableWriter } from '../io-ark/tables.js';
import { readInts } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { eachLattice, needed } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-oracle',
  summary: 'Finds the path of each lattice with the fewest errors against a reference.',
  usage: ['<test-lattice-rspecifier> <reference-rspecifier> <transcriptions-wspecifier> [<edit-distance-wspecifier>]'],
  options: defineOptions({
    wildcardSymbolsList: text('', 'File of symbols that do not count, one a line'),
  }),
  args: [3, 4],
  run: async ([input, refIn, output, editsOut], { wildcardSymbolsList }, context) => {
    const ignore = new Set(await readInts(wildcardSymbolsList));
    const references = openTable(int32VectorHolder, refIn!, context);
    const words = tableWriter(int32VectorHolder, output!);
    const edits = editsOut ? tableWriter(int32Holder, editsOut) : undefined;
    const total = new WordErrorRate();
    const { done, failed } = await eachLattice(input!, context, [words, edits], async (lattice, key) => {
      const best = latticeOracle(lattice, needed(await references.get(key), 'reference'), ignore);
      total.add(best);
      await words.write(key, best.words);
      await edits?.write(key, best.insertions + best.deletions + best.substitutions);
    });
    await references.close();
    context.log(`Overall ${total}`);
    context.log(`Scored ${done} lattices, ${failed} not scored.`);
    return exitCode(done);
  },
});
