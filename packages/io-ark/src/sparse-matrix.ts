import type { Matrix } from './matrix.js';

/** A row that is mostly zeros: `indexes` rise strictly and stay below `dim` (matrix/sparse-matrix.h). */
export interface SparseVector {
  readonly dim: number;
  readonly indexes: Int32Array;
  readonly values: Float32Array;
}

/** A matrix of sparse rows. */
export interface SparseMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly vectors: readonly SparseVector[];
}

/** A sparse matrix of the given rows; its width is theirs. */
export const sparseMatrix = (vectors: readonly SparseVector[]): SparseMatrix => ({
  rows: vectors.length,
  cols: vectors[0]?.dim ?? 0,
  vectors,
});

/** Writes every element out. */
export function sparseToMatrix({ rows, cols, vectors }: SparseMatrix): Matrix {
  const data = new Float32Array(rows * cols);
  vectors.forEach(({ indexes, values }, r) => {
    for (let i = 0; i < indexes.length; i++) data[r * cols + indexes[i]!] = values[i]!;
  });
  return { rows, cols, data };
}
