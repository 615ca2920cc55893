import { type CompressionMethod, compress } from '../compressed-matrix.js';
import { type GeneralMatrix, readGeneralMatrix, toMatrix, writeGeneralMatrix } from '../general-matrix.js';
import type { Holder } from '../holder.js';
import type { KaldiInput } from '../kaldi-input.js';
import type { AnyMatrix, AnyVector, Matrix } from '../matrix.js';
import { matrixRange, vectorRange } from '../range.js';

/** Whether the next value is sparse: `SM` in binary, `rows=` in text. */
function sparseComes(input: KaldiInput): boolean {
  if (!input.binary) input.skipSpace();
  return input.bytes[input.offset] === (input.binary ? 0x53 : 0x72);
}

/** Matrices of floats, whatever form they were written in: double, compressed and sparse ones are converted. */
export const matrixHolder: Holder<Matrix, AnyMatrix> = {
  what: 'a matrix',
  read: (input) => (sparseComes(input) ? toMatrix(readGeneralMatrix(input)) : input.readMatrix()),
  write: (output, m) => output.writeMatrix(m),
  range: matrixRange,
};

/** Matrices in the precision in which they were written; text is read as float. */
export const anyMatrixHolder: Holder<AnyMatrix> = {
  what: 'a matrix',
  read: (input) => input.readAnyMatrix(),
  write: (output, m) => output.writeMatrix(m),
  range: matrixRange,
};

/** Matrices of doubles, whatever precision they were written in. */
export const doubleMatrixHolder: Holder<Matrix<Float64Array>> = {
  what: 'a matrix',
  read: (input) => input.readDoubleMatrix(),
  write: (output, m) => output.writeMatrix(m),
  range: matrixRange,
};

/** Matrices that are compressed as they are written. */
export const compressedHolder = (method: CompressionMethod): Holder<Matrix, AnyMatrix> => ({
  ...matrixHolder,
  write: (output, m) => output.writeCompressedMatrix(compress(m, method)),
});

/** Matrices in the form in which they were written: full, compressed or sparse. */
export const generalMatrixHolder: Holder<GeneralMatrix> = {
  what: 'a matrix',
  read: readGeneralMatrix,
  write: writeGeneralMatrix,
  range: (m, range, fail) => matrixRange(toMatrix(m), range, fail),
};

/** Vectors of floats. */
export const vectorHolder: Holder<Float32Array, AnyVector> = {
  what: 'a vector',
  read: (input) => input.readVector(),
  write: (output, v) => output.writeVector(v),
  range: vectorRange,
};

/** Vectors in the precision in which they were written; text is read as float. */
export const anyVectorHolder: Holder<AnyVector> = {
  what: 'a vector',
  read: (input) => input.readAnyVector(),
  write: (output, v) => output.writeVector(v),
  range: vectorRange,
};

/** Vectors of doubles. */
export const doubleVectorHolder: Holder<Float64Array> = {
  what: 'a vector',
  read: (input) => input.readDoubleVector(),
  write: (output, v) => output.writeVector(v),
  range: vectorRange,
};
