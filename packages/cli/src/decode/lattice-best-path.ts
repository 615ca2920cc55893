import { latticeBestPath } from '@jebena/decode';
import { int32VectorHolder } from '@jebena/io-ark';
import { defineOptions, text } from '@jebena/options';
import { exitCode, tableWriter } from '../io-ark/tables.js';
import { readSymbolTable } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { eachLattice, needed } from './lattice-program.js';
import { scaleOptions } from './scale-options.js';

export const program = defineProgram({
  name: 'lattice-best-path',
  summary: 'Writes the words and transition ids of the best path of each lattice.',
  usage: ['<lattice-rspecifier> [<transcriptions-wspecifier> [<alignments-wspecifier>]]'],
  options: defineOptions({ ...scaleOptions, wordSymbolTable: text('', 'Symbol table for words [for debug output]') }),
  args: [1, 3],
  run: async ([input, wordsOut, alignmentsOut], { wordSymbolTable, ...scales }, context) => {
    const symbols = wordSymbolTable ? await readSymbolTable(wordSymbolTable) : undefined;
    const words = wordsOut ? tableWriter(int32VectorHolder, wordsOut) : undefined;
    const alignments = alignmentsOut ? tableWriter(int32VectorHolder, alignmentsOut) : undefined;
    let [frames, cost] = [0, 0];
    const { done, failed } = await eachLattice(input!, context, [words, alignments], async (lattice, key) => {
      const best = needed(latticeBestPath(lattice, scales), 'path');
      frames += best.alignment.length;
      cost += scales.lmScale * best.graphCost + scales.acousticScale * best.acousticCost;
      await words?.write(key, best.words);
      await alignments?.write(key, best.alignment);
      if (symbols) process.stderr.write(`${key} ${Array.from(best.words, (w) => symbols.symbol(w) ?? w).join(' ')} \n`);
    });
    context.log(`Overall cost per frame is ${cost / frames} over ${frames} frames.`);
    context.log(`Done ${done} lattices, failed for ${failed}`);
    return exitCode(done);
  },
});
