import { type GeneralMatrix, isSparse, sparseMatrix, toMatrix } from '@jebena/io-ark';
import type { Random } from '../random.js';
import type { Indexes } from './index-vector.js';
import type { NnetExample } from './nnet-example.js';
import type { NnetIo } from './nnet-io.js';

/** Vectors of an utterance have no times of their own. */
const timeless = (name: string): boolean => name === 'ivector';
const isOutput = (name: string): boolean => name.startsWith('output');

/** The times that inputs and outputs span. */
export interface TimeSpan {
  readonly firstInput: number;
  readonly lastInput: number;
  readonly firstOutput: number;
  readonly lastOutput: number;
}

/**
 * The times that a single example spans.
 *
 * @throws RangeError for a minibatch of several
 */
export function timeSpan(inputs: readonly NnetIo[], outputs: readonly { indexes: Indexes }[]): TimeSpan {
  const times = (all: readonly { indexes: Indexes }[]): number[] =>
    all.flatMap(({ indexes }) => {
      if (indexes.n.some((n) => n !== 0)) throw new RangeError('expected a single example, found a merged one');
      return Array.from(indexes.t);
    });
  const input = times(inputs.filter((io) => !timeless(io.name)));
  const output = times(outputs);
  return {
    firstInput: Math.min(...input),
    lastInput: Math.max(...input),
    firstOutput: Math.min(...output),
    lastOutput: Math.max(...output),
  };
}

/** The rows of an input or output from one time to another; the form is kept where all are. */
export function filterTimes(io: NnetIo, first: number, last: number): NnetIo {
  const { indexes, features } = io;
  if (timeless(io.name)) return io;
  const rows = Array.from(indexes.t, (_, i) => i).filter((i) => indexes.t[i]! >= first && indexes.t[i]! <= last);
  if (rows.length === indexes.t.length) return io;
  const pick = (values: Int32Array): Int32Array => Int32Array.from(rows, (i) => values[i]!);
  return {
    ...io,
    indexes: { n: pick(indexes.n), t: pick(indexes.t), x: pick(indexes.x) },
    features: pickRows(features, rows),
  };
}

function pickRows(features: GeneralMatrix, rows: readonly number[]): GeneralMatrix {
  if (isSparse(features)) return sparseMatrix(rows.map((r) => features.vectors[r]!));
  const { cols, data } = toMatrix(features);
  const picked = new Float32Array(rows.length * cols);
  rows.forEach((r, i) => picked.set(data.subarray(r * cols, (r + 1) * cols), i * cols));
  return { rows: rows.length, cols, data: picked };
}

export interface SelectOptions {
  /** Keep one frame of the output: its time, or a random one. */
  readonly frame?: number | 'random' | undefined;
  /** Frames of context to keep; -1 keeps all. */
  readonly leftContext?: number;
  readonly rightContext?: number;
}

/**
 * Keeps a part of an example, as `nnet3-copy-egs` does; undefined where it lacks the frame.
 *
 * @throws RangeError for a merged example
 */
export function selectFrames(example: NnetExample, options: SelectOptions, random: Random): NnetExample | undefined {
  const { frame, leftContext = -1, rightContext = -1 } = options;
  const outputs = example.io.filter((io) => isOutput(io.name));
  const inputs = example.io.filter((io) => !isOutput(io.name));
  let { firstInput, lastInput, firstOutput, lastOutput } = timeSpan(inputs, outputs);
  if (frame !== undefined) {
    const wanted = frame === 'random' ? firstOutput + random.below(lastOutput - firstOutput + 1) : frame;
    if (wanted < firstOutput || wanted > lastOutput) return undefined;
    firstOutput = lastOutput = wanted;
  }
  if (leftContext >= 0) firstInput = Math.max(firstInput, firstOutput - leftContext);
  if (rightContext >= 0) lastInput = Math.min(lastInput, lastOutput + rightContext);
  const io = example.io.map((one) =>
    isOutput(one.name) ? filterTimes(one, firstOutput, lastOutput) : filterTimes(one, firstInput, lastInput),
  );
  return { io };
}

/** Moves the times of all inputs and outputs but i-vectors. */
export const shiftTimes = ({ io }: NnetExample, shift: number): NnetExample => ({
  io: io.map((one) => (timeless(one.name) ? one : { ...one, indexes: moved(one.indexes, shift) })),
});

/** The same indexes, later by `shift`. */
export const moved = (indexes: Indexes, shift: number): Indexes =>
  shift === 0 ? indexes : { ...indexes, t: indexes.t.map((t) => t + shift) };

/** Scales what the output named `output` should be. */
export const scaleTargets = ({ io }: NnetExample, weight: number): NnetExample => ({
  io: io.map((one) =>
    one.name === 'output' && weight !== 1 ? { ...one, features: scaled(one.features, weight) } : one,
  ),
});

function scaled(features: GeneralMatrix, weight: number): GeneralMatrix {
  if (isSparse(features))
    return sparseMatrix(features.vectors.map((v) => ({ ...v, values: v.values.map((x) => x * weight) })));
  const m = toMatrix(features);
  return { ...m, data: m.data.map((x) => x * weight) };
}

/** Gives the output named `output` another name. */
export const renameOutput = ({ io }: NnetExample, name: string): NnetExample => ({
  io: io.map((one) => (one.name === 'output' ? { ...one, name } : one)),
});
