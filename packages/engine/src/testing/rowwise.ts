import type { Case } from './check.js';
import { at, foldCols, foldRows, plain, sum } from './reference.js';

const shapes = [
  [1, 1],
  [6, 1],
  [1, 9],
  [37, 130],
] as const;
const mostOf = (values: number[]): number => Math.max(...values);
const logSum = (values: number[]): number => {
  const most = mostOf(values);
  return most + Math.log(sum(values.map((x) => Math.exp(x - most))));
};

/** Sums, maxima and distributions along rows and columns. */
export const rowwise: Record<string, Case> = {
  'softmax and its logarithm': async (t) => {
    for (const [rows, cols] of shapes)
      for (const reach of [2, 60]) {
        const x = t.draw(rows, cols, -reach, reach);
        const norm = foldCols(t.plain(x), logSum);
        const log = plain(rows, cols, (r, c) => at(t.plain(x), r, c) - at(norm, r, 0));
        await t.same(t.engine.logSoftmax(x), log);
        await t.same(
          t.engine.softmax(x),
          plain(rows, cols, (r, c) => Math.exp(at(log, r, c))),
        );
      }
  },
  'derivative of the log-softmax': async (t) => {
    for (const [rows, cols] of shapes) {
      const y = t.draw(rows, cols, -4, 0);
      const dy = t.draw(rows, cols);
      const total = foldCols(t.plain(dy), sum);
      const want = plain(
        rows,
        cols,
        (r, c) => at(t.plain(dy), r, c) - Math.exp(at(t.plain(y), r, c)) * at(total, r, 0),
      );
      await t.same(t.engine.logSoftmaxGrad(y, dy), want);
    }
  },
  'sums and maxima': async (t) => {
    for (const [rows, cols] of shapes) {
      const x = t.draw(rows, cols);
      await t.same(t.engine.sumRows(x), foldRows(t.plain(x), sum));
      await t.same(t.engine.sumCols(x), foldCols(t.plain(x), sum));
      await t.same(
        t.engine.sumAll(x),
        plain(1, 1, () => sum([...t.plain(x).data])),
        1e-4,
      );
      await t.same(t.engine.maxCols(x), foldCols(t.plain(x), mostOf));
      await t.same(
        t.engine.argMaxCols(x),
        foldCols(t.plain(x), (values) => values.indexOf(mostOf(values))),
      );
    }
  },
};
