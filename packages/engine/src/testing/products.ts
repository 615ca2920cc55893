import type { Case } from './check.js';
import { at, plain, product, sum, turn } from './reference.js';

const shapes = [
  [1, 1, 1],
  [3, 5, 4],
  [17, 33, 9],
  [64, 40, 130],
] as const;

/** Products; in mixed precision bfloat16 has 8 bits, so the tolerance is another. */
export const products: Record<string, Case> = {
  matmul: async (t) => {
    for (const [rows, inner, cols] of shapes)
      for (const transposeA of [false, true])
        for (const transposeB of [false, true]) {
          const a = transposeA ? t.draw(inner, rows) : t.draw(rows, inner);
          const b = transposeB ? t.draw(cols, inner) : t.draw(inner, cols);
          const left = transposeA ? turn(t.plain(a)) : t.plain(a);
          const want = product(left, transposeB ? turn(t.plain(b)) : t.plain(b));
          await t.same(t.engine.matmul(a, b, { transposeA, transposeB }), want, tolerance(t.engine.precision, inner));
        }
  },
  'matmul of slices and of reshaped matrices': async (t) => {
    const a = t.draw(12, 10);
    const b = t.draw(6, 7);
    const want = product(
      plain(3, 6, (r, c) => at(t.plain(a), r + 5, c + 2)),
      t.plain(b),
    );
    const slice = t.engine.sliceCols(t.engine.sliceRows(a, 5, 3), 2, 6);
    await t.same(t.engine.matmul(slice, b), want, tolerance(t.engine.precision, 6));
    const tall = t.engine.reshape(a, 20, 6);
    const all = product(
      plain(20, 6, (r, c) => t.plain(a).data[r * 6 + c]!),
      t.plain(b),
    );
    await t.same(t.engine.matmul(tall, b), all, tolerance(t.engine.precision, 6));
  },
  'one matrix on the right side of products in two shapes': async (t) => {
    const b = t.draw(6, 8);
    for (const [rows, cols] of [
      [6, 8],
      [16, 3],
      [3, 16],
    ] as const) {
      const a = t.draw(5, rows);
      const shaped = t.engine.reshape(b, rows, cols);
      const want = product(
        t.plain(a),
        plain(rows, cols, (r, c) => t.plain(b).data[r * cols + c]!),
      );
      await t.same(t.engine.matmul(a, shaped), want, tolerance(t.engine.precision, rows));
    }
  },
  'products of one column, or of nothing': async (t) => {
    const column = t.draw(9, 1);
    const row = t.draw(1, 7);
    await t.same(
      t.engine.matmul(column, row),
      product(t.plain(column), t.plain(row)),
      tolerance(t.engine.precision, 1),
    );
    const square = sum([...t.plain(column).data].map((x) => x * x));
    const inner = t.engine.matmul(column, column, { transposeA: true });
    await t.same(
      inner,
      plain(1, 1, () => square),
      tolerance(t.engine.precision, 9),
    );
  },
  affine: async (t) => {
    for (const [rows, inner, cols] of shapes) {
      const x = t.draw(rows, inner);
      const weights = t.draw(cols, inner);
      const bias = t.draw(1, cols);
      const want = product(t.plain(x), turn(t.plain(weights)));
      await t.same(t.engine.affine(x, weights), want, tolerance(t.engine.precision, inner));
      const shifted = plain(rows, cols, (r, c) => at(want, r, c) + at(t.plain(bias), 0, c));
      await t.same(t.engine.affine(x, weights, bias), shifted, tolerance(t.engine.precision, inner));
    }
  },
  'products with patches': async (t) => {
    for (const [count, perRow, width, cols, rows] of [
      [1, 1, 1, 1, 1],
      [7, 3, 2, 5, 9],
      [40, 9, 6, 20, 300],
      [30, 4, 17, 90, 130],
      [50, 70, 3, 20, 90],
      [200, 3, 33, 49, 600],
      [150, 2, 48, 80, 700],
      [90, 9, 1, 48, 400],
    ] as const) {
      const places = Int32Array.from({ length: rows * perRow }, (_, i) => ((i * 7919) % (count + 1)) - 1);
      const index = t.engine.rowIndex(places);
      const x = t.draw(count, width);
      const [weights, bias, dy] = [t.draw(cols, perRow * width), t.draw(1, cols), t.draw(rows, cols)];
      const patches = plain(rows, perRow * width, (r, c) => {
        const place = places[r * perRow + Math.floor(c / width)]!;
        return place < 0 ? 0 : at(t.plain(x), place, c % width);
      });
      const y = product(patches, turn(t.plain(weights)));
      const within = (inner: number): number => tolerance(t.engine.precision, inner) * (inner > 200 ? 3 : 1);
      await t.same(t.engine.affinePatches(x, index, perRow, weights), y, within(perRow * width));
      const shifted = plain(rows, cols, (r, c) => at(y, r, c) + at(t.plain(bias), 0, c));
      await t.same(t.engine.affinePatches(x, index, perRow, weights, bias), shifted, within(perRow * width));
      const clipped = plain(rows, cols, (r, c) => Math.max(0, at(shifted, r, c)));
      const relu = t.engine.affinePatches(x, index, perRow, weights, bias, { relu: true });
      await t.same(relu, clipped, within(perRow * width));
      await t.same(t.engine.matmulPatches(dy, x, index, perRow), product(turn(t.plain(dy)), patches), within(rows));
      t.refuses('ERR_ENGINE_SHAPE', () => t.engine.affinePatches(x, index, perRow, t.draw(cols, perRow * width + 1)));
      t.refuses('ERR_ENGINE_SHAPE', () => t.engine.matmulPatches(t.draw(rows + 1, cols), x, index, perRow));
      t.engine.dispose(index);
    }
  },
  'a product whose shapes do not fit is refused': async (t) => {
    const a = t.draw(3, 4);
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.matmul(a, a));
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.affine(a, t.draw(5, 3)));
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.affine(a, t.draw(5, 4), t.draw(1, 4)));
  },
};

export const tolerance = (precision: 'float32' | 'mixed', inner: number): number =>
  precision === 'mixed' ? 2 ** -8 * Math.sqrt(inner) * 2 : 2e-5;
