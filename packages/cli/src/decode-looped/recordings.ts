import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@jebena/options';
import { readWave, type Wave } from '@jebena/io-ark';

/** Paths of the wave files that are meant: files as they are, folders by what stands in and below them. */
export async function wavePaths(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths)
    if (path !== '-' && (await stat(path)).isDirectory()) {
      const names = await readdir(path, { recursive: true });
      const waves = names.filter((name) => /\.wav$/i.test(name)).sort();
      if (waves.length === 0) throw new UsageError(`${path}: expected a folder with .wav files in it, found none`);
      found.push(...waves.map((name) => join(path, name)));
    } else found.push(path);
  return found;
}

export const readWaveFile = async (path: string): Promise<Wave> => readWave(await readFile(path), { path });

/** The first channel of a wave, a fifth of a second at a time. */
export function* pieces({ sampleRate, channels }: Wave): Generator<Float32Array> {
  const samples = channels[0] ?? new Float32Array(0);
  const piece = Math.round(0.2 * sampleRate);
  for (let at = 0; at < samples.length; at += piece) yield samples.subarray(at, at + piece);
}
