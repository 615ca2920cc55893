import type { AnyMatrix } from '@jebena/io-ark';
import { expect } from 'vitest';

/** The largest difference of two matrices, each column's as a fraction of the range of the column wanted. */
export function worstDifference(found: AnyMatrix, wanted: AnyMatrix): number {
  expect([found.rows, found.cols]).toEqual([wanted.rows, wanted.cols]);
  let worst = 0;
  for (let c = 0; c < wanted.cols; c++) {
    let [low, high, difference] = [Infinity, -Infinity, 0];
    for (let i = c; i < wanted.data.length; i += wanted.cols) {
      const w = wanted.data[i]!;
      low = Math.min(low, w);
      high = Math.max(high, w);
      const d = Math.abs(found.data[i]! - w);
      difference = Math.max(difference, Number.isNaN(d) ? Infinity : d);
    }
    // A column of one value has no range: its size stands in.
    worst = Math.max(worst, difference / (high - low || Math.abs(high) || 1));
  }
  return worst;
}

/** Asserts that every column agrees to `tolerance` of its range. */
export function expectClose(found: AnyMatrix, wanted: AnyMatrix, tolerance: number = 1e-4): void {
  expect(worstDifference(found, wanted)).toBeLessThan(tolerance);
}
