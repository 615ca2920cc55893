import { choice, defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readFstFile, writeFstFile } from './files.js';

export const program = defineProgram({
  name: 'fstconvert',
  summary: 'Writes a machine in another layout.',
  usage: ['[<in.fst> [<out.fst>]]'],
  options: defineOptions({
    fstType: choice('vector', ['vector', 'const', 'compact_acceptor'], 'Layout of the file'),
  }),
  args: [0, 2],
  run: async ([input, output], { fstType }) => {
    const fst = await readFstFile(input);
    // OpenFst tests every property for the layouts that cannot change.
    await writeFstFile(output, fstType === 'vector' ? fst : fst.with({}), { type: fstType });
  },
});
