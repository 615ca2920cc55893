import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recogniserOptions, recognise as recogniseWaves } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import type { Item } from '@jebena/stream';
import { readWave, type Wave } from '@jebena/io-ark';
import { defineProgram, type Program } from '../program.js';

const options = {
  engine: engineOptions.engine,
  threads: engineOptions.threads,
  beam: recogniserOptions.beam,
};

async function* waves(paths: readonly string[]): AsyncGenerator<Item<Wave>> {
  for (const path of paths) yield [path, readWave(await readFile(path), { path })];
}

/** Prints the words of recordings with the model that a recipe left. */
export const program: Program<typeof options> = defineProgram({
  name: 'recognise',
  summary: 'Prints the words of recordings, resampled to the rate of the model that a recipe left in its folder.',
  usage: ['<folder> <file.wav> ...'],
  options,
  args: [2, Infinity],
  run: async ([folder, ...paths], { engine, threads, beam }, { signal }) => {
    // A recipe's folder holds the model in a folder of its own.
    const inner = join(folder!, 'model');
    const recogniser = readRecogniser(existsSync(inner) ? inner : folder!, await createEngine({ engine, threads }), {
      beam,
    });
    for await (const [path, { text }] of recogniseWaves(recogniser, { signal })(waves(paths)))
      process.stdout.write(`${path} ${text}\n`);
  },
});
