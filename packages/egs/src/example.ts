import type { Supervision } from '@jebena/chain';
import type { IoRequest } from '@jebena/graph';
import type { CompressedMatrix, Matrix } from '@jebena/io-ark';
import { decompressInto } from './decompress-into.js';
import type { ChunkTargets } from './minibatch.js';

/**
 * An input of an example. Frame i (at t = first + i * stride) is row `start + i` of `source`; rows outside it repeat
 * its first or last. `source` is shared between the chunks of an utterance: it is copied only when they are merged.
 * One that came compressed from a file stays so until then, and holds just the rows of its frames (`start` is 0).
 */
export interface ExampleInput extends IoRequest {
  readonly source: Matrix | CompressedMatrix;
  readonly start: number;
}

/** An output of an example and what it should be, a row for each of its frames. */
export interface ExampleOutput extends IoRequest {
  readonly targets: ChunkTargets;
  /** A weight for each row; absent when all are 1. */
  readonly weights?: Float32Array | undefined;
}

/** A training example: one chunk of one utterance. */
export interface Example {
  /** `<utterance>-<first frame>`, as Kaldi names them. */
  readonly key: string;
  readonly inputs: readonly ExampleInput[];
  readonly outputs: readonly ExampleOutput[];
}

const range = (io: IoRequest, kind: string, dim: number): string =>
  `${io.name} ${io.first} ${io.count} ${io.stride} ${kind} ${dim}`;

/** Kind of targets; of supervision also what must agree for graphs to be joined. */
const kindOf = (targets: ChunkTargets): string =>
  targets.kind === 'chain' ? supervisionKind(targets.supervision) : targets.kind;

/** A text that is the same for supervisions whose graphs can be joined. */
export const supervisionKind = ({ weight, fst, framesPerSequence }: Supervision): string =>
  `chain ${weight} ${framesPerSequence} ${fst ? 'aligned' : 'e2e'}`;

/** What examples must share to be merged: names, frames and dimensions of all inputs and outputs. */
export function structureOf({ inputs, outputs }: Example): string {
  let structure = '';
  for (const io of inputs) structure += `${range(io, 'in', io.source.cols)};`;
  for (const io of outputs) structure += `${range(io, kindOf(io.targets), io.targets.dim)};`;
  return structure;
}

/** The size of an example in a minibatch rule: the frames of its longest input or output. */
export function sizeOf({ inputs, outputs }: Example): number {
  let size = 0;
  for (const io of inputs) size = Math.max(size, io.count);
  for (const io of outputs) size = Math.max(size, io.count);
  return size;
}

/** The same example with features of its own, so that it does not keep its utterance in memory. */
export function detach(example: Example): Example {
  const inputs = example.inputs.map((io) => {
    const { source, start, count } = io;
    if ('compression' in source) return io;
    if (start === 0 && source.rows === count && source.data.byteLength === source.data.buffer.byteLength) return io;
    return { ...io, source: inputMatrix(io), start: 0 };
  });
  return { ...example, inputs };
}

/** The frames of an input as a matrix of its own. */
export function inputMatrix(io: ExampleInput): Matrix {
  const { count, source } = io;
  const data = new Float32Array(count * source.cols);
  copyFrames(io, data, 0, source.cols);
  return { rows: count, cols: source.cols, data };
}

/** Copies all frames of an input into `out`: frame i starts at `at + i * stride`. */
export function copyFrames(
  { source, start, count }: ExampleInput,
  out: Float32Array,
  at: number,
  stride: number,
): void {
  if ('compression' in source) return decompressInto(source, out, at, stride);
  const { rows, cols, data } = source;
  for (let i = 0; i < count; i++, at += stride) {
    const row = Math.min(Math.max(start + i, 0), rows - 1);
    // A plain loop: for rows this short it is faster than a view and `set`.
    for (let c = 0, from = row * cols; c < cols; c++) out[at + c] = data[from + c]!;
  }
}
