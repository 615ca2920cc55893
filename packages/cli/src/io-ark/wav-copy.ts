import { type Wave, clippedSamples, waveHolder } from '@jebena/io-ark';
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
    const checked = (wave: Wave, key: string): Wave => {
      const clipped = clippedSamples(wave);
      if (clipped > 0) context.warn(`${key}: clipped ${clipped} samples to the range of 16 bits`);
      return wave;
    };
    if (!areTables(input!, output!))
      return writeObject(waveHolder, output!, checked(await readObject(waveHolder, input!), input!), true);
    const count = await copyTable([waveHolder, input!], [waveHolder, output!], checked, context);
    context.log(`Copied ${count} wave files`);
    return exitCode(count);
  },
});
