import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Matrix, readWave } from '@jebena/io-ark';
import { writeDataDir, writeMatrices } from '@jebena/io-ark/node';
import { type Item, map } from '@jebena/stream';
import { pipe } from 'it-pipe';
import { makeFbank } from '../digits/features.js';
import { type DigitString, parseStrings, renderString } from '../digits/strings.js';

/**
 * Makes a Kaldi data folder of a list of strings: their waves rendered from recordings, and filterbanks of these in
 * feats.scp. One that is there already is left as it is.
 */
export async function makeDataFolder(folder: string, list: string, recordings: string, most: number): Promise<void> {
  if (existsSync(join(folder, 'text'))) return;
  const all = parseStrings(readFileSync(list, 'utf8'), list);
  const strings = (most > 0 ? all.slice(0, most) : all).sort((a, b) => (a.id < b.id ? -1 : 1));
  const read = new Map<string, Float32Array>();
  const recording = (file: string): Float32Array => {
    let samples = read.get(file);
    if (!samples) {
      const path = join(recordings, file);
      samples = readWave(readFileSync(path), { path }).channels[0]!;
      read.set(file, samples);
    }
    return samples;
  };
  const fbank = makeFbank();
  mkdirSync(folder, { recursive: true });
  const feats = map((string: DigitString): Item<Matrix> => [string.id, fbank.compute(renderString(string, recording))]);
  await pipe(strings, feats, writeMatrices(`ark,scp:${join(folder, 'feats.ark')},${join(folder, 'feats.scp')}`));
  const lines = (of: (string: DigitString) => string): string => strings.map((s) => `${s.id} ${of(s)}\n`).join('');
  // The text last: a folder that has it is whole.
  await writeDataDir(folder, new Map([['utt2spk', lines((s) => s.speaker)]]));
  await writeDataDir(folder, new Map([['text', lines((s) => s.words.join(' '))]]));
}

/** Words of each utterance. */
export function readText(folder: string): Map<string, string[]> {
  const path = join(folder, 'text');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => [line.split(' ', 1)[0]!, line.split(' ').slice(1)]));
}

export const nameOf = (list: string): string => basename(list).replace(/\.[^.]*$/, '');
