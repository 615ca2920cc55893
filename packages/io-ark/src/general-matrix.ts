import { type CompressedMatrix, decompress } from './compressed-matrix.js';
import type { KaldiInput } from './kaldi-input.js';
import type { KaldiOutput } from './kaldi-output.js';
import type { Matrix } from './matrix.js';
import { type SparseMatrix, type SparseVector, sparseMatrix, sparseToMatrix } from './sparse-matrix.js';

/** A matrix in the form in which it was written: full, compressed or sparse (GeneralMatrix in matrix/sparse-matrix.h). */
export type GeneralMatrix = Matrix | CompressedMatrix | SparseMatrix;

export const isCompressed = (m: GeneralMatrix): m is CompressedMatrix => 'compression' in m;
export const isSparse = (m: GeneralMatrix): m is SparseMatrix => 'vectors' in m;

/** The full matrix that `m` stands for. */
export function toMatrix(m: GeneralMatrix): Matrix {
  if (isCompressed(m)) return decompress(m);
  return isSparse(m) ? sparseToMatrix(m) : m;
}

/** Reads a matrix and keeps its form, so that {@link writeGeneralMatrix} gives the same bytes. */
export function readGeneralMatrix(input: KaldiInput): GeneralMatrix {
  const token = input.peekToken();
  if (input.binary ? token === 'SM' : token.startsWith('rows=')) return readSparse(input);
  return input.binary && /^CM[23]?$/.test(token) ? input.readCompressedMatrix() : input.readMatrix();
}

/** Writes a matrix in its own form; text has no compressed form and holds the values. */
export function writeGeneralMatrix(output: KaldiOutput, m: GeneralMatrix): void {
  if (isSparse(m)) writeSparse(output, m);
  else if (isCompressed(m) && m.rows > 0) output.writeCompressedMatrix(m);
  else output.writeMatrix(toMatrix(m));
}

function labelled(input: KaldiInput, label: string): number {
  input.skipSpace();
  const start = input.offset;
  const token = input.readToken();
  if (!new RegExp(`^${label}=\\d+$`).test(token)) input.fail(`${label}=COUNT`, JSON.stringify(token), start);
  return Number(token.slice(label.length + 1));
}

function readSparse(input: KaldiInput): SparseMatrix {
  if (input.binary) input.expectToken('SM');
  // Each row takes some bytes, so a count beyond the bytes that are left is refused row by row, without allocating.
  const rows = input.binary ? input.readInt32('a row count') : labelled(input, 'rows');
  if (rows < 0) input.fail('a row count', String(rows));
  const vectors: SparseVector[] = [];
  for (let r = 0; r < rows; r++) {
    const vector = input.binary ? readBinaryVector(input) : readTextVector(input);
    if (vectors.length > 0 && vector.dim !== vectors[0]!.dim)
      input.fail(`a row of dimension ${vectors[0]!.dim}`, String(vector.dim));
    vectors.push(vector);
  }
  // A row's dimension costs no bytes of its own: what would not fit in memory written out is no matrix.
  if (rows * (vectors[0]?.dim ?? 0) > 2 ** 31) input.fail('fewer than 2^31 elements', `${rows} x ${vectors[0]!.dim}`);
  return sparseMatrix(vectors);
}

function readBinaryVector(input: KaldiInput): SparseVector {
  input.expectToken('SV');
  const dim = input.readInt32('a dimension');
  const count = input.readCount('a count of elements', Math.max(0, dim));
  input.need(10 * count, 'sparse elements');
  const indexes = new Int32Array(count);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    indexes[i] = readIndex(input, i ? indexes[i - 1]! : -1, dim);
    values[i] = input.readFloat();
  }
  return { dim, indexes, values };
}

function readTextVector(input: KaldiInput): SparseVector {
  const dim = labelled(input, 'dim');
  input.expectToken('[');
  const indexes: number[] = [];
  const values: number[] = [];
  while (!input.acceptToken(']')) {
    indexes.push(readIndex(input, indexes.at(-1) ?? -1, dim));
    values.push(input.readFloat());
  }
  return { dim, indexes: Int32Array.from(indexes), values: Float32Array.from(values) };
}

function readIndex(input: KaldiInput, before: number, dim: number): number {
  const start = input.offset;
  const index = input.readInt32('an index');
  if (index <= before || index >= dim) input.fail(`an index from ${before + 1} to ${dim - 1}`, String(index), start);
  return index;
}

function writeSparse(output: KaldiOutput, { vectors }: SparseMatrix): void {
  if (output.binary) {
    output.writeToken('SM');
    output.writeInt32(vectors.length);
  } else output.writeText(`rows=${vectors.length} `);
  for (const { dim, indexes, values } of vectors) {
    if (output.binary) {
      output.writeToken('SV');
      output.writeInt32(dim);
      output.writeInt32(indexes.length);
    } else output.writeText(`dim=${dim} [ `);
    for (let i = 0; i < indexes.length; i++) {
      output.writeInt32(indexes[i]!);
      output.writeFloat(values[i]!);
    }
    if (!output.binary) output.writeText('] ');
  }
  if (!output.binary) output.writeText('\n');
}
