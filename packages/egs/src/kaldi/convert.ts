import {
  compress,
  type GeneralMatrix,
  isCompressed,
  isSparse,
  type Matrix,
  type SparseVector,
  sparseMatrix,
  toMatrix,
} from '@jebena/io-ark';
import { type Example, type ExampleInput, type ExampleOutput, inputMatrix } from '../example.js';
import type { ChunkTargets, Minibatch, MinibatchInput, MinibatchOutput, Targets } from '../minibatch.js';
import { type Indexes, timeIndexes } from './index-vector.js';
import type { NnetExample } from './nnet-example.js';
import type { NnetIo } from './nnet-io.js';

/** Inputs and outputs stand side by side in Kaldi's examples; outputs are known by their names. */
const isOutput = (name: string): boolean => name.startsWith('output');

export interface FromExampleOptions {
  /** Compress features as `nnet3-get-egs --compress` does. Default true. */
  readonly compress?: boolean;
}

/**
 * Our example as Kaldi's. Weights of frames scale the posteriors, as they do in `nnet3-get-egs`.
 *
 * @throws RangeError for dense targets with weights, or targets of unknown width, which Kaldi's files cannot hold
 */
export function toNnetExample(example: Example, { compress: packed = true }: FromExampleOptions = {}): NnetExample {
  const pack = (m: Matrix): GeneralMatrix => (packed ? compress(m) : m);
  return {
    io: [
      ...toNnetInputs(example, packed),
      ...example.outputs.map(({ name, first, count, stride, targets, weights }) => {
        const features = toFeatures(name, targets, weights);
        return {
          name,
          indexes: timeIndexes(first, count, stride),
          features: isSparse(features) ? features : pack(toMatrix(features)),
        };
      }),
    ],
  };
}

/** The inputs of an example as Kaldi's files hold them. */
export const toNnetInputs = ({ inputs }: Example, packed: boolean): NnetIo[] =>
  inputs.map((io) => ({
    name: io.name,
    indexes: timeIndexes(io.first, io.count, io.stride),
    features: 'compression' in io.source ? io.source : packed ? compress(inputMatrix(io)) : inputMatrix(io),
  }));

/** Targets as Kaldi's files hold them: sparse rows of weights, or full rows of values. */
function toFeatures(name: string, targets: ChunkTargets, weights: Float32Array | undefined): GeneralMatrix {
  if (targets.kind === 'chain')
    throw new RangeError(`output '${name}': supervision for LF-MMI goes into chain examples`);
  if (targets.kind === 'dense') {
    if (weights?.some((w) => w !== 1))
      throw new RangeError(`output '${name}': Kaldi's examples hold no weights of dense targets`);
    return targets.values;
  }
  const { dim } = targets;
  if (dim < 1) throw new RangeError(`output '${name}': the number of pdfs must be known`);
  const rows: SparseVector[] = [];
  if (targets.kind === 'labels')
    targets.labels.forEach((label, r) => rows.push(sparseRow(dim, label < 0 ? [] : [[label, weights?.[r] ?? 1]])));
  else
    for (let r = 0; r + 1 < targets.rowStart.length; r++) {
      const pairs: [number, number][] = [];
      for (let k = targets.rowStart[r]!; k < targets.rowStart[r + 1]!; k++)
        pairs.push([targets.labels[k]!, Math.fround(targets.weights[k]! * (weights?.[r] ?? 1))]);
      rows.push(sparseRow(dim, pairs));
    }
  return sparseMatrix(rows);
}

/** A row with labels in order, each once. */
function sparseRow(dim: number, pairs: readonly (readonly [number, number])[]): SparseVector {
  const sums = new Map<number, number>();
  for (const [label, weight] of pairs) sums.set(label, (sums.get(label) ?? 0) + weight);
  const sorted = [...sums].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
  return { dim, indexes: Int32Array.from(sorted, ([l]) => l), values: Float32Array.from(sorted, ([, w]) => w) };
}

/** Sparse rows as posteriors, full ones as values; row i of the result is row `rows[i]` of `features`. */
function toTargets(features: GeneralMatrix, rows: Int32Array): Targets {
  if (!isSparse(features)) {
    const m = toMatrix(features);
    const data = new Float32Array(rows.length * m.cols);
    rows.forEach((r, i) => data.set(m.data.subarray(r * m.cols, (r + 1) * m.cols), i * m.cols));
    return { kind: 'dense', dim: m.cols, values: { rows: rows.length, cols: m.cols, data } };
  }
  const { vectors, cols } = features;
  const rowStart = new Int32Array(rows.length + 1);
  rows.forEach((r, i) => (rowStart[i + 1] = rowStart[i]! + vectors[r]!.indexes.length));
  const labels = new Int32Array(rowStart[rows.length]!);
  const weights = new Float32Array(labels.length);
  rows.forEach((r, i) => {
    labels.set(vectors[r]!.indexes, rowStart[i]!);
    weights.set(vectors[r]!.values, rowStart[i]!);
  });
  return { kind: 'posterior', dim: cols, rowStart, labels, weights };
}

export interface Grid {
  readonly sequences: number;
  readonly first: number;
  readonly count: number;
  readonly stride: number;
  /** For each row in time-major order, the row of the file. */
  readonly rows: Int32Array;
}

/** The frames of an input or output, where all sequences have the same, evenly spaced ones. */
/** @throws RangeError where frames are uneven or missing */
export function gridOf(name: string, { n, t, x }: Indexes): Grid {
  const fail = (what: string): never => {
    throw new RangeError(`'${name}': ${what}`);
  };
  const times = [...new Set(t)].sort((a, b) => a - b);
  const first = times[0] ?? fail('expected rows, found none');
  const count = times.length;
  const stride = count > 1 ? times[1]! - first : 1;
  let sequences = 0;
  for (const one of n) sequences = Math.max(sequences, one + 1);
  const rows = new Int32Array(sequences * count).fill(-1);
  if (rows.length !== n.length)
    fail(`expected ${count} frames of each of ${sequences} sequences, found ${n.length} rows`);
  for (let r = 0; r < n.length; r++) {
    const frame = (t[r]! - first) / stride;
    if (x[r] !== 0 || !Number.isInteger(frame) || frame >= count || n[r]! < 0)
      fail(`expected evenly spaced frames, found n=${n[r]} t=${t[r]} x=${x[r]}`);
    rows[frame * sequences + n[r]!] = r;
  }
  if (rows.includes(-1)) fail('expected every frame of every sequence once, found one twice');
  return { sequences, first, count, stride, rows };
}

/**
 * One example of Kaldi's as ours. Posteriors keep the weights that were put into them.
 *
 * @throws RangeError when it is a minibatch of several, or its frames are not evenly spaced
 */
export function fromNnetExample(key: string, { io }: NnetExample): Example {
  const inputs: ExampleInput[] = [];
  const outputs: ExampleOutput[] = [];
  for (const one of io) {
    const { name, indexes, features } = one;
    if (!isOutput(name)) {
      inputs.push(fromNnetInput(key, one));
      continue;
    }
    const { first, count, stride, rows } = singleGrid(key, name, indexes);
    outputs.push({ name, first, count, stride, targets: toTargets(features, rows) });
  }
  return { key, inputs, outputs };
}

/**
 * An input of one example; features that are compressed and in order stay so.
 *
 * @throws RangeError as {@link fromNnetExample}
 */
export function fromNnetInput(key: string, { name, indexes, features }: NnetIo): ExampleInput {
  const { first, count, stride, rows } = singleGrid(key, name, indexes);
  const inOrder = rows.every((r, i) => r === i);
  const source = isCompressed(features) && inOrder ? features : pickRows(toMatrix(features), rows);
  return { name, first, count, stride, source, start: 0 };
}

function singleGrid(key: string, name: string, indexes: Indexes): Grid {
  const grid = gridOf(name, indexes);
  if (grid.sequences > 1)
    throw new RangeError(`'${key}': expected one example, found a minibatch of ${grid.sequences}`);
  return grid;
}

/** A merged example of Kaldi's (or a single one) as a minibatch, time-major. */
export function toMinibatch(key: string, { io }: NnetExample): Minibatch {
  const inputs: MinibatchInput[] = [];
  const outputs: MinibatchOutput[] = [];
  let all = 0;
  for (const { name, indexes, features } of io) {
    const { sequences, first, count, stride, rows } = gridOf(name, indexes);
    if (all > 0 && sequences !== all)
      throw new RangeError(`'${key}': expected ${all} sequences of '${name}', found ${sequences}`);
    all = sequences;
    const range = { name, first, count, stride };
    if (isOutput(name)) outputs.push({ ...range, targets: toTargets(features, rows) });
    else inputs.push({ ...range, feats: pickRows(toMatrix(features), rows) });
  }
  return { key, sequences: all, inputs, outputs };
}

/** Row i of the result is row `rows[i]`. */
export function pickRows(m: Matrix, rows: Int32Array): Matrix {
  if (rows.every((r, i) => r === i)) return m;
  const data = new Float32Array(m.data.length);
  rows.forEach((r, i) => data.set(m.data.subarray(r * m.cols, (r + 1) * m.cols), i * m.cols));
  return { ...m, data };
}

/** A minibatch as a merged example of Kaldi's, whose rows are ordered by sequence, then by time. */
export function fromMinibatch({ sequences, inputs, outputs }: Minibatch): NnetExample {
  const io = (
    { name, first, count, stride }: { name: string; first: number; count: number; stride: number },
    features: GeneralMatrix,
  ): NnetIo => {
    const rows = sequences * count;
    const indexes = { n: new Int32Array(rows), t: new Int32Array(rows), x: new Int32Array(rows) };
    const order = new Int32Array(rows);
    for (let n = 0, r = 0; n < sequences; n++)
      for (let i = 0; i < count; i++, r++) {
        indexes.n[r] = n;
        indexes.t[r] = first + i * stride;
        order[r] = i * sequences + n;
      }
    const sorted = isSparse(features)
      ? sparseMatrix(Array.from(order, (r) => features.vectors[r]!))
      : pickRows(toMatrix(features), order);
    return { name, indexes, features: sorted };
  };
  return {
    io: [
      ...inputs.map((one) => io(one, one.feats)),
      ...outputs.map((one) => io(one, toFeatures(one.name, plainTargets(one), one.weights))),
    ],
  };
}

function plainTargets({ name, targets }: MinibatchOutput): Targets {
  if (targets.kind !== 'chain') return targets;
  throw new RangeError(`output '${name}': expected labels, posteriors or values, found chain supervision`);
}
