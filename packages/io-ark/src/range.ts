import type { AnyMatrix, AnyVector } from './matrix.js';

/** How far a range may pass the end of an utterance: two frames of edge effects and one of rounding, as in Kaldi. */
const tolerance = 3;

type Fail = (expected: string, found?: string) => never;

function bounds(text: string, size: number, slack: number, range: string, fail: Fail): [first: number, end: number] {
  const match = /^(\d+):(\d+)$/.exec(text);
  if (!match && text !== '' && text !== ':') return fail("a range such as '0:3' or '0:3,2:4'", `[${range}]`);
  const [first, last] = match ? [Number(match[1]), Number(match[2])] : [0, size - 1];
  if (first > last || last >= size + slack || first >= size) return fail(`a range within 0:${size - 1}`, `[${range}]`);
  return [first, Math.min(last, size - 1) + 1];
}

/**
 * The rows and columns that a range such as `0:3,2:4` (both ends included), `:,2:4` or `5:9` names, as a copy.
 * A row range may pass the last row by up to three and is cut there.
 */
export function matrixRange<M extends AnyMatrix>(m: M, range: string, fail: Fail): M {
  const [rowText = '', colText = '', ...more] = range.split(',');
  if (more.length > 0 || range === '') return fail("a range such as '0:3' or '0:3,2:4'", `[${range}]`);
  const [firstRow, endRow] = bounds(rowText, m.rows, tolerance, range, fail);
  const [firstCol, endCol] = bounds(colText, m.cols, 0, range, fail);
  const rows = endRow - firstRow;
  const cols = endCol - firstCol;
  const data = new (m.data.constructor as Float32ArrayConstructor)(rows * cols);
  for (let r = 0; r < rows; r++) {
    const start = (firstRow + r) * m.cols;
    data.set(m.data.subarray(start + firstCol, start + endCol), r * cols);
  }
  return { rows, cols, data } as unknown as M;
}

/** The elements that a range such as `0:3` names, as a copy; the end may pass the vector's by up to three. */
export function vectorRange<V extends AnyVector>(v: V, range: string, fail: Fail): V {
  if (range === '' || range.includes(',')) return fail("a range such as '0:3'", `[${range}]`);
  const [first, end] = bounds(range, v.length, tolerance, range, fail);
  return v.slice(first, end) as V;
}
