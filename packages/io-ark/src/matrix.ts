/** A row-major matrix of floats: element (r, c) is `data[r * cols + c]`. */
export interface Matrix<D extends Float32Array | Float64Array = Float32Array> {
  readonly rows: number;
  readonly cols: number;
  readonly data: D;
}

/** A matrix in either precision, as a Kaldi table may hold (CMVN statistics are double). */
export type AnyMatrix = Matrix<Float32Array> | Matrix<Float64Array>;

/** A vector in either precision. */
export type AnyVector = Float32Array | Float64Array;

/** A matrix of zeros, or a view of the given data. */
export function matrix(rows: number, cols: number, data: Float32Array = new Float32Array(rows * cols)): Matrix {
  if (data.length !== rows * cols)
    throw new RangeError(`matrix: expected ${rows} x ${cols} = ${rows * cols} values, found ${data.length}`);
  return { rows, cols, data };
}

/** One row as a view: writing to it writes to the matrix. */
export const row = <D extends Float32Array | Float64Array>(m: Matrix<D>, r: number): D =>
  m.data.subarray(r * m.cols, (r + 1) * m.cols) as D;
