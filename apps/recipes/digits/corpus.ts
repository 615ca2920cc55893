import { readFileSync } from 'node:fs';
import { decodeFrame, encodeFrame, type Matrix } from '@jebena/io-ark';

/** One recording of the embedded corpus: a digit said once. */
export interface CorpusRecording {
  readonly digit: number;
  readonly speaker: string;
  readonly take: number;
  readonly feats: Matrix;
}

/** Log-mel features of the recordings, as the repository holds them: 8 bits a value, a range for each dimension. */
export interface Corpus {
  readonly sampleRate: number;
  /** Features of quiet noise, of which the gaps between the digits are made. */
  readonly noise: Matrix;
  readonly recordings: readonly CorpusRecording[];
}

interface Header {
  readonly sampleRate: number;
  readonly dim: number;
  readonly noiseFrames: number;
  readonly recordings: readonly (readonly [digit: number, speaker: string, take: number, frames: number])[];
  readonly values: Uint8Array;
}

export const corpusPath: string = new URL('../../digits/corpus/features.bin', import.meta.url).pathname;

/** Packs a corpus; values are rounded to 1/255 of their dimension's range. */
export function encodeCorpus({ sampleRate, noise, recordings }: Corpus): Uint8Array {
  const dim = noise.cols;
  const all = [noise, ...recordings.map((r) => r.feats)];
  const low = new Float32Array(dim).fill(Infinity);
  const high = new Float32Array(dim).fill(-Infinity);
  for (const { data } of all)
    data.forEach((v, i) => {
      low[i % dim] = Math.min(low[i % dim]!, v);
      high[i % dim] = Math.max(high[i % dim]!, v);
    });
  const step = high.map((h, d) => (h - low[d]!) / 255);
  const values = new Uint8Array(all.reduce((n, m) => n + m.data.length, 0));
  let at = 0;
  for (const { data } of all) {
    for (let i = 0; i < data.length; i++) values[at + i] = Math.round((data[i]! - low[i % dim]!) / step[i % dim]!);
    at += data.length;
  }
  const header: Header = {
    sampleRate,
    dim,
    noiseFrames: noise.rows,
    recordings: recordings.map((r) => [r.digit, r.speaker, r.take, r.feats.rows]),
    values,
  };
  return encodeFrame({ header, arrays: { low, step } });
}

/** Reads what {@link encodeCorpus} wrote. */
export function decodeCorpus(bytes: Uint8Array, path: string): Corpus {
  const { header, arrays } = decodeFrame<Header>(bytes, path);
  const { dim, values } = header;
  const { low, step } = arrays as { low: Float32Array; step: Float32Array };
  let at = 0;
  const take = (rows: number): Matrix => {
    const data = new Float32Array(rows * dim);
    for (let i = 0; i < data.length; i++) data[i] = low[i % dim]! + step[i % dim]! * values[at + i]!;
    at += data.length;
    return { rows, cols: dim, data };
  };
  const noise = take(header.noiseFrames);
  const recordings = header.recordings.map(([digit, speaker, takeNumber, frames]) => ({
    digit,
    speaker,
    take: takeNumber,
    feats: take(frames),
  }));
  return { sampleRate: header.sampleRate, noise, recordings };
}

export const readCorpus = (path: string = corpusPath): Corpus => decodeCorpus(readFileSync(path), path);
