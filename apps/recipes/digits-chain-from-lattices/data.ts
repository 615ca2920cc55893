import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mfcc } from '@jebena/features';
import { type Matrix, readWave } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import { parseStrings, renderString } from '../digits/strings.js';

/** Of Kaldi's conf/mfcc_hires.conf for 8 kHz: as many coefficients as mel bins, so nothing is lost. */
const mfccOptions = {
  sampleFrequency: 8000,
  useEnergy: false,
  numMelBins: 40,
  numCeps: 40,
  lowFreq: 40,
  highFreq: -200,
  dither: 0,
} as const;

export interface Strings {
  readonly feats: readonly Item<Matrix>[];
  /** What was said, by utterance. */
  readonly words: ReadonlyMap<string, readonly string[]>;
}

/** Strings of recorded digits as a list says, in features; `limit` 0 takes all. */
export function readStrings(fsdd: string, list: string, limit: number = 0): Strings {
  const path = join(fsdd, list);
  const all = parseStrings(readFileSync(path, 'utf8'), path);
  const strings = limit > 0 ? all.slice(0, limit) : all;
  const mfcc = new Mfcc(mfccOptions);
  const recordings = new Map<string, Float32Array>();
  const recording = (file: string): Float32Array => {
    let samples = recordings.get(file);
    if (!samples) {
      const whole = join(fsdd, 'recordings', file);
      samples = readWave(readFileSync(whole), { path: whole }).channels[0]!;
      recordings.set(file, samples);
    }
    return samples;
  };
  return {
    feats: strings.map((string) => [string.id, mfcc.compute(renderString(string, recording))]),
    words: new Map(strings.map(({ id, words }) => [id, words])),
  };
}
