import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWave, type Wave } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import { afterAll } from 'vitest';
import { shared } from '../../../../test/support/shared.js';

/** Kaldi's chain model as a recogniser's folder, taken away after the tests of a file. */
export function chainFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jebena-recogniser-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function fillChainFolder(folder: string): string {
  for (const name of ['final.mdl', 'HCLG.fst', 'words.txt'])
    copyFileSync(shared('golden/decode', name), join(folder, name));
  copyFileSync(shared('golden/decode/online/mfcc_hires.conf'), join(folder, 'mfcc.conf'));
  writeFileSync(
    join(folder, 'recogniser.conf'),
    '--feature-type=mfcc\n--acoustic-scale=1\n--frame-subsampling-factor=3 # chain\n--endpoint.silence-phones=1\n',
  );
  return folder;
}

export const waveFolder: string = shared('golden/decode/online/wav');

/** The waves that Kaldi's online decoder was given. */
export const waves = (): Item<Wave>[] =>
  readdirSync(waveFolder).map((name) => [name.replace('.wav', ''), readWave(readFileSync(join(waveFolder, name)))]);

/** What was said in them. */
export const reference = (): Map<string, string> =>
  new Map(
    readFileSync(shared('golden/decode/ref.txt'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0]!, line.split(' ').slice(1).join(' ')]),
  );

/** Faint noise of the kind that stands between the words of the waves. */
export function quiet(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return ((state >> 16) % 9) - 4;
  });
}

/** The waves one after the other, with so many seconds of faint noise before and after each. */
export function longRecording(pause: number): { samples: Float32Array; sampleRate: number; texts: string[] } {
  const all = waves();
  const { sampleRate } = all[0]![1];
  const gap = quiet(Math.round(pause * sampleRate));
  const parts = all.flatMap(([, { channels }]) => [gap, channels[0]!]);
  const samples = new Float32Array([...parts, gap].reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of [...parts, gap]) {
    samples.set(part, at);
    at += part.length;
  }
  return { samples, sampleRate, texts: all.map(([key]) => reference().get(key)!) };
}

/** Pieces of so many samples. */
export function* pieces(samples: Float32Array, length: number): Generator<Float32Array> {
  for (let at = 0; at < samples.length; at += length) yield samples.subarray(at, at + length);
}
