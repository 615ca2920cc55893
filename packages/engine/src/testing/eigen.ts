import type { Case } from './check.js';

const assert = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

/** Diagonals that spread over magnitudes, blocks that fall apart, equal eigenvalues. */
const matrices: readonly (readonly [number, (i: number, j: number) => number])[] = [
  [1, () => -3],
  [2, (i, j) => (i === j ? 0 : 1)],
  [9, (i, j) => (i === j ? 2 : 0)],
  [20, (i, j) => Math.sin(7 * (i + j) + i * j) + (i === j ? 4 : 0)],
  [81, (i, j) => 1e-3 * Math.cos(i + j) + (i === j ? 10 ** (3 - i / 10) : 0)],
];

/** Clauses on eigenvalues, for engines that find them. */
export const eigen: Record<string, Case> = {
  'symmetricEigen gives eigenvalues and orthonormal vectors': async ({ engine }) => {
    for (const [n, at] of matrices) {
      const whole = Float64Array.from({ length: n * n }, (_, i) => at(Math.floor(i / n), i % n));
      // What is above the diagonal is not looked at.
      const lower = whole.map((x, i) => (i % n > Math.floor(i / n) ? Number.NaN : x));
      const found = engine.symmetricEigen?.(lower, n);
      if (!found) return assert(!engine.symmetricEigen, `${n} x ${n}: not found`);
      const { values, vectors } = found;
      const largest = Math.max(...values.map(Math.abs));
      const dot = (x: Float64Array, i: number, y: Float64Array, j: number): number =>
        x.subarray(i * n, (i + 1) * n).reduce((sum, v, k) => sum + v * y[j * n + k]!, 0);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const off = Math.abs(dot(whole, j, vectors, i) - values[i]! * vectors[i * n + j]!);
          assert(off < 1e-13 * n * largest, `${n} x ${n}: A v is ${off} from lambda v`);
          const square = Math.abs(dot(vectors, i, vectors, j) - Number(i === j));
          assert(square < 1e-12, `${n} x ${n}: vectors ${i} and ${j} are ${square} from orthonormal`);
        }
    }
  },
  'symmetricEigen says where there is none': async (t) => {
    const { engine } = t;
    if (!engine.symmetricEigen) return;
    assert(engine.symmetricEigen(Float64Array.of(1, 0, Number.NaN, 1), 2) === undefined, 'NaN has eigenvalues');
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.symmetricEigen!(new Float64Array(5), 2));
  },
};
