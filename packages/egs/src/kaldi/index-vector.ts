import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';

/** Which rows of a matrix belong to which frame: sequence n, time t and x of each row (Kaldi: struct Index). */
export interface Indexes {
  readonly n: Int32Array;
  readonly t: Int32Array;
  /** 0 except in networks with a further dimension. */
  readonly x: Int32Array;
}

const make = (count: number): Indexes => ({
  n: new Int32Array(count),
  t: new Int32Array(count),
  x: new Int32Array(count),
});

/** Indexes of one sequence from a time on. */
export function timeIndexes(first: number, count: number, stride: number = 1): Indexes {
  const indexes = make(count);
  for (let i = 0; i < count; i++) indexes.t[i] = first + i * stride;
  return indexes;
}

/** In a file, a byte below this one is a step in time. */
const longestStep = 124;
/** In a file, the byte before an index that is written out. */
const writtenOut = 127;

/** Reads `<I1V> ...`: steps of one byte where n and x stay the same, whole indexes elsewhere (nnet3/nnet-common.cc). */
export function readIndexes(input: KaldiInput): Indexes {
  input.expectToken('<I1V>');
  const count = input.readInt32('a number of indexes');
  if (count < 0) input.fail('a number of indexes', String(count));
  input.need(count, 'indexes');
  return input.binary ? readBinary(input, count) : readText(input, count);
}

function readBinary(input: KaldiInput, count: number): Indexes {
  const indexes = make(count);
  const { n, t, x } = indexes;
  for (let i = 0; i < count; i++) {
    const at = input.take(1, 'an index');
    const step = (input.bytes[at]! << 24) >> 24;
    if (Math.abs(step) <= longestStep) {
      n[i] = i > 0 ? n[i - 1]! : 0;
      t[i] = i > 0 ? t[i - 1]! + step : step;
      x[i] = i > 0 ? x[i - 1]! : 0;
    } else if (step === writtenOut) {
      n[i] = input.readInt32('n');
      t[i] = input.readInt32('t');
      x[i] = input.readInt32('x');
    } else input.fail(`a step from -${longestStep} to ${longestStep}, or ${writtenOut}`, String(step), at);
  }
  return indexes;
}

function readText(input: KaldiInput, count: number): Indexes {
  const indexes = make(count);
  for (let i = 0; i < count; i++) {
    input.expectToken('<I1>');
    indexes.n[i] = input.readInt32('n');
    indexes.t[i] = input.readInt32('t');
    indexes.x[i] = input.readInt32('x');
  }
  return indexes;
}

/** Writes what {@link readIndexes} reads, byte for byte as Kaldi does. */
export function writeIndexes(output: KaldiOutput, { n, t, x }: Indexes): void {
  output.writeToken('<I1V>');
  output.writeInt32(n.length);
  if (!output.binary) {
    let text = '';
    for (let i = 0; i < n.length; i++) text += `<I1> ${n[i]} ${t[i]} ${x[i]} `;
    return output.writeText(text);
  }
  for (let i = 0; i < n.length; i++) {
    const same = i > 0 ? n[i] === n[i - 1] && x[i] === x[i - 1] : n[i] === 0 && x[i] === 0;
    const step = i > 0 ? t[i]! - t[i - 1]! : t[i]!;
    if (same && Math.abs(step) <= longestStep) output.writeBytes(Uint8Array.of(step));
    else {
      output.writeBytes(Uint8Array.of(writtenOut));
      output.writeInt32(n[i]!);
      output.writeInt32(t[i]!);
      output.writeInt32(x[i]!);
    }
  }
}

/** A text that is the same for equal indexes. */
export const indexesKey = ({ n, t, x }: Indexes): string => `${n.join()}|${t.join()}|${x.join()}`;
