import { TreeStats } from '@jebena/hmm';
import { int32VectorHolder, matrixHolder, type Holder } from '@jebena/io-ark';
import { bool, defineOptions, int, text } from '@jebena/options';
import { exitCode, openTable, readObject, readTable, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { parseInts, transitionModelHolder } from './objects.js';

const statsHolder: Holder<TreeStats> = {
  what: 'tree statistics',
  read: (input) => TreeStats.read(input),
  write: (output, stats) => stats.write(output),
};

export const program = defineProgram({
  name: 'acc-tree-stats',
  summary: 'Accumulates statistics for building a phonetic-context tree.',
  usage: ['<model-in> <features-rspecifier> <alignments-rspecifier> <tree-accs-out>'],
  options: defineOptions({
    binary: bool(true, 'Write output in binary mode'),
    contextWidth: int(3, 'Phones in the window'),
    centralPosition: int(1, 'Position of the phone in the window, from 0'),
    ciPhones: text('', 'Colon-separated list of phones whose neighbours are not looked at'),
  }),
  args: [4, 4],
  run: async ([modelFile, featsIn, aliIn, output], { binary, ciPhones, ...context }, program) => {
    const model = await readObject(transitionModelHolder, modelFile!);
    const stats = new TreeStats({ ...context, contextIndependent: parseInts(ciPhones, '--ci-phones') });
    const alignments = openTable(int32VectorHolder, aliIn!, program);
    let [done, failed] = [0, 0];
    for await (const [key, feats] of readTable(matrixHolder, featsIn!, program)) {
      const alignment = await alignments.get(key);
      try {
        if (!alignment) throw new Error('no alignment for it');
        stats.add(model, alignment, feats);
        done++;
      } catch (error) {
        program.warn(`${key}: ${(error as Error).message}`);
        failed++;
      }
    }
    await alignments.close();
    await writeObject(statsHolder, output!, stats, binary);
    program.log(`Accumulated stats for ${done} files, ${failed} failed; ${stats.entries.length} separate stats.`);
    return exitCode(done);
  },
});
