import type { Case } from './check.js';
import { at, plain, turn } from './reference.js';

/** Operations that move values and do not change them. */
export const layout: Record<string, Case> = {
  'tensor copies, read copies': async (t) => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const want = plain(2, 3, (r, c) => r * 3 + c + 1);
    const x = t.engine.tensor(2, 3, data);
    data.fill(9);
    await t.same(x, want);
    (await t.engine.read(x)).fill(7);
    await t.same(x, want);
    await t.same(t.engine.scale(x, 1), want);
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.tensor(2, 2, data));
  },
  'a part of a longer array': async (t) => {
    const data = Float32Array.from({ length: 20 }, (_, i) => i);
    await t.same(
      t.engine.tensor(2, 3, data.subarray(5, 11)),
      plain(2, 3, (r, c) => 5 + r * 3 + c),
    );
  },
  'zeros and full': async (t) => {
    await t.same(
      t.engine.zeros(3, 4),
      plain(3, 4, () => 0),
    );
    await t.same(
      t.engine.full(2, 5, -1.5),
      plain(2, 5, () => -1.5),
    );
  },
  slices: async (t) => {
    const x = t.draw(21, 16);
    const from =
      (row: number, col: number, stride = 1) =>
      (r: number, c: number) =>
        at(t.plain(x), row + r * stride, col + c);
    await t.same(t.engine.sliceRows(x, 0, 21), t.plain(x));
    await t.same(t.engine.sliceRows(x, 4, 9), plain(9, 16, from(4, 0)));
    await t.same(t.engine.sliceRows(x, 20, 1), plain(1, 16, from(20, 0)));
    await t.same(
      t.engine.sliceRows(x, 7, 0),
      plain(0, 16, () => 0),
    );
    await t.same(t.engine.sliceCols(x, 3, 5), plain(21, 5, from(0, 3)));
    await t.same(t.engine.strideRows(x, 2, 3, 6), plain(6, 16, from(2, 0, 3)));
    await t.same(t.engine.strideRows(x, 20, 5, 1), plain(1, 16, from(20, 0)));
    const nested = t.engine.sliceCols(t.engine.sliceRows(t.engine.sliceRows(x, 3, 12), 2, 5), 1, 7);
    await t.same(t.engine.scale(nested, 1), plain(5, 7, from(5, 1)));
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.sliceRows(x, 15, 7));
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.sliceCols(x, -1, 3));
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.strideRows(x, 2, 3, 8));
  },
  'a slice outlives its matrix': async (t) => {
    const x = t.draw(8, 5);
    const want = plain(3, 5, (r, c) => at(t.plain(x), r + 4, c));
    const slice = t.engine.sliceRows(x, 4, 3);
    const flat = t.engine.reshape(x, 5, 8);
    const all = plain(5, 8, (r, c) => t.plain(x).data[r * 8 + c]!);
    t.engine.dispose(x);
    for (let i = 0; i < 4; i++) t.engine.full(8, 5, 3);
    await t.same(slice, want);
    await t.same(flat, all);
  },
  'concat, reshape, transpose': async (t) => {
    const a = t.draw(4, 6);
    const b = t.draw(3, 6);
    const c = t.draw(4, 2);
    const e = t.engine;
    await t.same(
      e.concatRows([a, b]),
      plain(7, 6, (r, k) => at(t.plain(r < 4 ? a : b), r < 4 ? r : r - 4, k)),
    );
    await t.same(
      e.concatCols([a, c]),
      plain(4, 8, (r, k) => at(t.plain(k < 6 ? a : c), r, k < 6 ? k : k - 6)),
    );
    const alone = e.concatRows([a]);
    await t.same(alone, t.plain(a));
    e.dispose(alone);
    await t.same(a, t.plain(a));
    await t.same(
      e.reshape(a, 8, 3),
      plain(8, 3, (r, k) => t.plain(a).data[r * 3 + k]!),
    );
    await t.same(e.transpose(a), turn(t.plain(a)));
    t.refuses('ERR_ENGINE_SHAPE', () => e.concatRows([a, c]));
    t.refuses('ERR_ENGINE_SHAPE', () => e.reshape(a, 5, 5));
  },
  'gather and scatter': async (t) => {
    const x = t.draw(5, 3);
    const e = t.engine;
    for (const rows of [
      [4, 0, 0, 2],
      [1, -1, 3, -1, 1],
      [-1, -1],
    ]) {
      const index = e.rowIndex(Int32Array.from(rows));
      const want = plain(rows.length, 3, (r, c) => (rows[r]! < 0 ? 0 : at(t.plain(x), rows[r]!, c)));
      await t.same(e.gatherRows(x, index), want);
      const y = t.draw(rows.length, 3);
      const sums = plain(6, 3, (r, c) => rows.reduce((n, row, i) => (row === r ? n + at(t.plain(y), i, c) : n), 0));
      await t.same(e.scatterAddRows(y, index, 6), sums);
    }
    t.refuses('ERR_ENGINE_SHAPE', () => e.gatherRows(x, e.rowIndex(Int32Array.of(5))));
    t.refuses('ERR_ENGINE_SHAPE', () => e.scatterAddRows(x, e.rowIndex(Int32Array.of(0)), 3));
  },
  'pick and spread': async (t) => {
    const x = t.draw(4, 6);
    const columns = [5, -1, 0, 2];
    const index = t.engine.rowIndex(Int32Array.from(columns));
    await t.same(
      t.engine.pickCols(x, index),
      plain(4, 1, (r) => (columns[r]! < 0 ? 0 : at(t.plain(x), r, columns[r]!))),
    );
    const values = t.draw(4, 1);
    const want = plain(4, 6, (r, c) => (columns[r] === c ? at(t.plain(values), r, 0) : 0));
    await t.same(t.engine.spreadCols(values, index, 6), want);
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.pickCols(t.draw(4, 5), index));
  },
  'draws are the same for the same seed': async (t) => {
    for (const kind of ['randomUniform', 'randomNormal'] as const) {
      const [a, b, other] = await Promise.all([5, 5, 6].map((seed) => t.engine.read(t.engine[kind](100, 101, seed))));
      if (a!.some((x, i) => x !== b![i])) throw new Error(`${kind}: one seed, two results`);
      if (a!.filter((x, i) => x === other![i]).length > 100) throw new Error(`${kind}: two seeds, one result`);
      const mean = a!.reduce((n, x) => n + x, 0) / a!.length;
      const variance = a!.reduce((n, x) => n + (x - mean) ** 2, 0) / a!.length;
      const [wantMean, wantVariance] = kind === 'randomUniform' ? [0.5, 1 / 12] : [0, 1];
      if (Math.abs(mean - wantMean) > 0.04 || Math.abs(variance / wantVariance - 1) > 0.06)
        throw new Error(`${kind}: mean ${mean}, variance ${variance}`);
    }
  },
};
