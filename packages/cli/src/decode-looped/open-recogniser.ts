import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Recogniser, recogniserOptions } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { defineOptions, type OptionValues } from '@jebena/options';

/** Options of all programs that recognise. */
export const recogniseOptions = defineOptions({
  engine: engineOptions.engine,
  threads: engineOptions.threads,
  beam: recogniserOptions.beam,
});

/** The recogniser of a model's folder, or of a recipe's, which holds the model in a folder of its own. */
export async function openRecogniser(
  folder: string,
  { engine, threads, beam }: OptionValues<typeof recogniseOptions>,
): Promise<Recogniser> {
  const inner = join(folder, 'model');
  return readRecogniser(existsSync(inner) ? inner : folder, await createEngine({ engine, threads }), { beam });
}
