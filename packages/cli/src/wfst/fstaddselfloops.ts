import { defineOptions } from '@jebena/options';
import { addDisambigLoops } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, readIntegers, writeFstFile } from './files.js';

export const program = defineProgram({
  name: 'fstaddselfloops',
  summary: 'Adds loops that let disambiguation symbols pass to states where words start or the machine ends.',
  usage: ['<in-disambig-list> <out-disambig-list> [<in.fst> [<out.fst>]]'],
  options: defineOptions({}),
  args: [2, 4],
  run: async ([inputs, outputs, input, output]) => {
    const fst = await readFstFile(input);
    const looped = addDisambigLoops(fst, await readIntegers(inputs!), await readIntegers(outputs!));
    await writeFstFile(output, looped);
  },
});
