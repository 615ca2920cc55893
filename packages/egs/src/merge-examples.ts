import { mergeSupervisions } from '@jebena/chain';
import type { Matrix } from '@jebena/io-ark';
import { copyFrames, type Example, type ExampleInput } from './example.js';
import type { ChunkTargets, Minibatch, MinibatchInput, MinibatchOutput, Targets } from './minibatch.js';

/**
 * Merges examples of one structure into a minibatch; sequence n is example n. All data are copied, time-major.
 *
 * @param key name of the minibatch
 */
export function mergeExamples(examples: readonly Example[], key: string): Minibatch {
  const sequences = examples.length;
  const { inputs, outputs } = examples[0]!;
  return {
    key,
    sequences,
    inputs: inputs.map((_, io) => mergeInput(examples, io)),
    outputs: outputs.map((_, io) => mergeOutput(examples, io)),
  };
}

function mergeInput(examples: readonly Example[], io: number): MinibatchInput {
  const { name, first, count, stride, source } = examples[0]!.inputs[io]!;
  const sequences = examples.length;
  const { cols } = source;
  const data = new Float32Array(count * sequences * cols);
  interleaveRows(
    examples.map((example) => rowsOf(example.inputs[io]!)),
    count,
    cols,
    data,
  );
  return { name, first, count, stride, feats: { rows: count * sequences, cols, data } };
}

/** Rows of features: frame i is row `start + i`, or the nearest there is. */
interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
  readonly start: number;
}

function rowsOf(input: ExampleInput): Rows {
  const { source, start, count } = input;
  if (!('compression' in source)) return { data: source.data, rows: source.rows, start };
  const data = new Float32Array(count * source.cols);
  copyFrames(input, data, 0, source.cols);
  return { data, rows: count, start: 0 };
}

const paired = ({ byteOffset }: Float32Array): boolean => byteOffset % 8 === 0;

/**
 * Writes row i of every part, then row i + 1: the result is written from front to back, since at strides it would
 * fall on the same few cache lines. Where rows have an even width, two floats are copied at a time.
 */
function interleaveRows(parts: readonly Rows[], count: number, cols: number, out: Float32Array): void {
  const pairs = cols % 2 === 0 && parts.every(({ data }) => paired(data) && data.length % 2 === 0);
  const wide = (data: Float32Array): Float64Array => new Float64Array(data.buffer, data.byteOffset, data.length / 2);
  const sources = pairs ? parts.map(({ data }) => wide(data)) : parts.map(({ data }) => data);
  const target = pairs ? wide(out) : out;
  const width = pairs ? cols / 2 : cols;
  copyRows(parts, sources, count, width, target);
}

type Floats = Float32Array | Float64Array;

function copyRows(parts: readonly Rows[], sources: readonly Floats[], count: number, width: number, out: Floats): void {
  for (let i = 0, to = 0; i < count; i++)
    for (let n = 0; n < parts.length; n++, to += width) {
      const { rows, start } = parts[n]!;
      const source = sources[n]!;
      const row = start + i;
      const from = (row < 0 ? 0 : row < rows ? row : rows - 1) * width;
      // A plain loop: for rows this short it is faster than a view and `set`.
      for (let c = 0; c < width; c++) out[to + c] = source[from + c]!;
    }
}

function mergeOutput(examples: readonly Example[], io: number): MinibatchOutput {
  const { name, first, count, stride } = examples[0]!.outputs[io]!;
  const parts = examples.map((e) => e.outputs[io]!);
  const targets = mergeTargets(
    parts.map((p) => p.targets),
    count,
  );
  if (!parts.some((p) => p.weights)) return { name, first, count, stride, targets };
  const weights = new Float32Array(count * parts.length).fill(1);
  parts.forEach((p, n) => p.weights?.forEach((w, i) => (weights[i * parts.length + n] = w)));
  return { name, first, count, stride, targets, weights };
}

function mergeTargets(parts: readonly ChunkTargets[], count: number): ChunkTargets {
  const first = parts[0]!;
  switch (first.kind) {
    case 'labels': {
      const labels = new Int32Array(count * parts.length);
      (parts as readonly (typeof first)[]).forEach((part, n) => {
        for (let i = 0; i < count; i++) labels[i * parts.length + n] = part.labels[i]!;
      });
      return { kind: 'labels', dim: first.dim, labels };
    }
    case 'posterior':
      return mergePosteriors(parts as readonly (typeof first)[], count);
    case 'dense': {
      const values = interleave(
        (parts as readonly (typeof first)[]).map((p) => p.values),
        count,
      );
      return { kind: 'dense', dim: first.dim, values };
    }
    case 'chain': {
      const supervision = mergeSupervisions((parts as readonly (typeof first)[]).map((part) => part.supervision));
      return { kind: 'chain', dim: first.dim, supervision };
    }
  }
}

function mergePosteriors(parts: readonly (Targets & { kind: 'posterior' })[], count: number): Targets {
  const rowStart = new Int32Array(count * parts.length + 1);
  let total = 0;
  for (const { rowStart: starts } of parts) total += starts[count]! - starts[0]!;
  const labels = new Int32Array(total);
  const weights = new Float32Array(total);
  let at = 0;
  for (let i = 0, row = 0; i < count; i++) {
    for (const part of parts) {
      for (let k = part.rowStart[i]!; k < part.rowStart[i + 1]!; k++, at++) {
        labels[at] = part.labels[k]!;
        weights[at] = part.weights[k]!;
      }
      rowStart[++row] = at;
    }
  }
  return { kind: 'posterior', dim: parts[0]!.dim, rowStart, labels, weights };
}

function interleave(parts: readonly Matrix[], count: number): Matrix {
  const { cols } = parts[0]!;
  const data = new Float32Array(count * parts.length * cols);
  interleaveRows(
    parts.map((p) => ({ data: p.data, rows: p.rows, start: 0 })),
    count,
    cols,
    data,
  );
  return { rows: count * parts.length, cols, data };
}
