import { waveHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { areTables, copyTable, exitCode, readObject, writeObject } from './tables.js';

export const program = defineProgram({
  name: 'wav-copy',
  summary: 'Copies wave files or archives of them; the copies are 16-bit PCM.',
  usage: ['<wav-rspecifier> <wav-wspecifier>', '<wav-rxfilename> <wav-wxfilename>'],
  options: defineOptions({}),
  args: [2, 2],
  run: async ([input, output], _, context) => {
    if (!areTables(input!, output!))
      return writeObject(waveHolder, output!, await readObject(waveHolder, input!), true);
    const count = await copyTable([waveHolder, input!], [waveHolder, output!], (wave) => wave, context);
    context.log(`Copied ${count} wave files`);
    return exitCode(count);
  },
});
