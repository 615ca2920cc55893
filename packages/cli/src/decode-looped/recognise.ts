import { recognise as recogniseWaves } from '@jebena/decode-looped';
import type { Wave } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import { defineProgram, type Program } from '../program.js';
import { openRecogniser, recogniseOptions } from './open-recogniser.js';
import { readWaveFile } from './recordings.js';

async function* waves(paths: readonly string[]): AsyncGenerator<Item<Wave>> {
  for (const path of paths) yield [path, await readWaveFile(path)];
}

/** Prints the words of recordings with the model that a recipe left. */
export const program: Program<typeof recogniseOptions> = defineProgram({
  name: 'recognise',
  summary: 'Prints the words of recordings, resampled to the rate of the model that a recipe left in its folder.',
  usage: ['<folder> <file.wav> ...'],
  options: recogniseOptions,
  args: [2, Infinity],
  run: async ([folder, ...paths], options, { signal }) => {
    const recogniser = await openRecogniser(folder!, options);
    for await (const [path, { text }] of recogniseWaves(recogniser, { signal })(waves(paths)))
      process.stdout.write(`${path} ${text}\n`);
  },
});
