/** A matrix of doubles in plain JavaScript: what engines are compared with. */
export interface Plain {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export const plain = (rows: number, cols: number, at: (row: number, col: number) => number): Plain => {
  const data = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) data[r * cols + c] = at(r, c);
  return { rows, cols, data };
};

/** Element (row, col), where a matrix of one row or column is repeated. */
export const at = (x: Plain, row: number, col: number): number =>
  x.data[(x.rows === 1 ? 0 : row) * x.cols + (x.cols === 1 ? 0 : col)]!;

export const turn = (x: Plain): Plain => plain(x.cols, x.rows, (r, c) => at(x, c, r));

export const product = (a: Plain, b: Plain): Plain =>
  plain(a.rows, b.cols, (r, c) => {
    let sum = 0;
    for (let k = 0; k < a.cols; k++) sum += at(a, r, k) * at(b, k, c);
    return sum;
  });

/** Folds each row (`cols`) or each column (`rows`) into one number. */
export const foldCols = (x: Plain, fold: (values: number[]) => number): Plain =>
  plain(x.rows, 1, (r) => fold(Array.from({ length: x.cols }, (_, c) => at(x, r, c))));
export const foldRows = (x: Plain, fold: (values: number[]) => number): Plain => turn(foldCols(turn(x), fold));

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
