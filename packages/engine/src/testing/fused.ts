import { elementwise } from '../elementwise.js';
import type { Case } from './check.js';
import { tolerance } from './products.js';
import { at, foldCols, foldRows, plain, product, sum, turn } from './reference.js';

const momentum = elementwise(3, 1, (e, [w, v, g]) => {
  const next = e.mulAdd(e.parameter(0), v!, g!);
  return [e.add(w!, next), next];
});
const everything = elementwise(4, 1, (e, [x, row, col, number]) => {
  const gate = e.op('sigmoid', e.add(x!, row!));
  const chosen = e.op('select', e.op('greater', col!, number!), gate, e.op('neg', gate));
  return [e.op('tanhGrad', gate, chosen), e.mul(col!, e.parameter(0))];
});

/** Operations that do in one pass what others do in several. */
export const fused: Record<string, Case> = {
  'elementwise programs': async (t) => {
    for (const [rows, cols] of [
      [1, 1],
      [5, 7],
      [3, 2100],
      [50, 90],
    ] as const) {
      const [x, row, col, number] = [t.draw(rows, cols), t.draw(1, cols), t.draw(rows, 1), t.draw(1, 1)];
      const [first, second] = t.engine.map(everything, [x, row, col, number], { parameters: [3] });
      const want = plain(rows, cols, (r, c) => {
        const gate = 1 / (1 + Math.exp(-at(t.plain(x), r, c) - at(t.plain(row), r, c)));
        return (at(t.plain(col), r, c) > at(t.plain(number), r, c) ? gate : -gate) * (1 - gate * gate);
      });
      await t.same(first!, want);
      await t.same(
        second!,
        plain(rows, cols, (r, c) => 3 * at(t.plain(col), r, c)),
      );
    }
    t.refuses('ERR_ENGINE_SHAPE', () =>
      t.engine.map(momentum, [t.draw(2, 2), t.draw(2, 2), t.draw(3, 2)], { parameters: [1] }),
    );
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.map(momentum, [t.draw(2, 2), t.draw(2, 2), t.draw(2, 2)]));
  },
  'programs that consume': async (t) => {
    const [w, v, g] = [t.draw(30, 40), t.draw(30, 40), t.draw(30, 40)];
    const view = t.engine.sliceRows(v, 3, 4);
    const [x, y, z] = [w, v, g].map((m) => t.plain(m));
    const [moved, next] = t.engine.map(momentum, [w, v, g], { parameters: [0.5], consume: [0, 1] });
    const speed = plain(30, 40, (r, c) => 0.5 * at(y!, r, c) + at(z!, r, c));
    await t.same(next!, speed);
    await t.same(
      moved!,
      plain(30, 40, (r, c) => at(x!, r, c) + at(speed, r, c)),
    );
    await t.same(
      view,
      plain(4, 40, (r, c) => at(y!, r + 3, c)),
    );
    await t.same(g, z!);
    t.refuses('ERR_ENGINE_DISPOSED', () => t.engine.scale(w, 1));
    const swap = elementwise(2, 0, (_e, [a, b]) => [b!, a!]);
    const [a, b] = t.engine.map(swap, [moved!, next!], { consume: [0, 1] });
    await t.same(a!, speed);
    await t.same(
      b!,
      plain(30, 40, (r, c) => at(x!, r, c) + at(speed, r, c)),
    );
  },
  'programs that add up rows': async (t) => {
    for (const [rows, cols] of [
      [1, 1],
      [5, 7],
      [3, 2100],
      [700, 90],
    ] as const) {
      const [x, row, col, number] = [t.draw(rows, cols), t.draw(1, cols), t.draw(rows, 1), t.draw(1, 1)];
      const given = [x, row, col, number];
      const wanted = t.engine.map(everything, given, { parameters: [3] });
      const found = t.engine.mapSums(everything, given, [3]);
      for (const [i, sums] of found.entries()) {
        const values = await t.engine.read(wanted[i]!);
        await t.same(
          sums,
          foldRows(
            plain(rows, cols, (r, c) => values[r * cols + c]!),
            sum,
          ),
          1e-4,
        );
      }
    }
    const whole = t.draw(40, 30);
    const part = t.engine.sliceCols(whole, 7, 10);
    const squares = elementwise(1, 0, (e, [x]) => [e.mul(x!, x!)]);
    await t.same(
      t.engine.mapSums(squares, [part])[0]!,
      foldRows(
        plain(40, 10, (r, c) => at(t.plain(whole), r, c + 7) ** 2),
        sum,
      ),
    );
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.mapSums(squares, [part, part]));
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.mapSums(momentum, [part, part, part]));
  },
  'rows are added where they belong': async (t) => {
    const [total, x] = [t.draw(50, 9), t.draw(20, 9)];
    const [before, more] = [t.plain(total), t.plain(x)];
    const want = plain(50, 9, (r, c) => at(before, r, c) + (r >= 7 && r < 27 ? -0.5 * at(more, r - 7, c) : 0));
    const view = t.engine.sliceRows(total, 3, 10);
    await t.same(t.engine.intoAddRows(total, x, 7, -0.5), want);
    await t.same(
      view,
      plain(10, 9, (r, c) => at(before, r + 3, c)),
    );
    t.refuses('ERR_ENGINE_DISPOSED', () => t.engine.scale(total, 1));
    const own = t.draw(4, 3);
    const values = t.plain(own);
    await t.same(
      t.engine.intoAddRows(own, own, 0),
      plain(4, 3, (r, c) => 2 * at(values, r, c)),
    );
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.intoAddRows(t.draw(4, 3), t.draw(2, 3), 3));
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.intoAddRows(t.draw(4, 3), t.draw(2, 2), 0));
  },
  'programs on parts of matrices': async (t) => {
    const [a, b] = [t.draw(20, 30), t.draw(25, 12)];
    const [p, q] = [t.engine.sliceCols(a, 7, 10), t.engine.sliceCols(t.engine.sliceRows(b, 2, 20), 1, 10)];
    const total = elementwise(2, 0, (e, [x, y]) => [e.add(x!, y!)]);
    const [s] = t.engine.map(total, [p, q], { consume: [0] });
    await t.same(
      s!,
      plain(20, 10, (r, c) => at(t.plain(a), r, c + 7) + at(t.plain(b), r + 2, c + 1)),
    );
    await t.same(a, t.plain(a));
    const every = t.engine.strideRows(a, 1, 4, 5);
    t.engine.dispose(a);
    const twice = t.engine.intoAddScaled(every, every, 1);
    await t.same(
      twice,
      plain(5, 30, (r, c) => 2 * at(t.plain(a), 1 + 4 * r, c)),
    );
  },
  affineRelu: async (t) => {
    const [x, w, b] = [t.draw(23, 31), t.draw(70, 31), t.draw(1, 70)];
    const y = product(t.plain(x), turn(t.plain(w)));
    const close = tolerance(t.engine.precision, 31);
    await t.same(
      t.engine.affineRelu(x, w),
      plain(23, 70, (r, c) => Math.max(0, at(y, r, c))),
      close,
    );
    const want = plain(23, 70, (r, c) => Math.max(0, at(y, r, c) + at(t.plain(b), 0, c)));
    await t.same(t.engine.affineRelu(x, w, b), want, close);
  },
  intoAddMatmul: async (t) => {
    for (const inner of [1, 40, 1100]) {
      const [s, a, b] = [t.draw(20, 34), t.draw(inner, 20, -0.1, 0.1), t.draw(inner, 34)];
      const view = t.engine.reshape(s, 34, 20);
      const term = product(turn(t.plain(a)), t.plain(b));
      const want = plain(20, 34, (r, c) => at(t.plain(s), r, c) - 2 * at(term, r, c));
      const close = tolerance(t.engine.precision, inner);
      const first = t.engine.intoAddMatmul(s, a, b, { transposeA: true, scale: -2 });
      await t.same(first, want, close);
      await t.same(
        view,
        plain(34, 20, (r, c) => t.plain(s).data[r * 20 + c]!),
      );
      t.refuses('ERR_ENGINE_DISPOSED', () => t.engine.scale(s, 1));
      const again = t.engine.intoAddMatmul(first, a, b, { transposeA: true, scale: 2 });
      await t.same(again, t.plain(s), 2 * close);
      await t.same(b, t.plain(b));
    }
    const square = t.draw(6, 6);
    const want = product(t.plain(square), t.plain(square));
    const sum = t.engine.intoAddMatmul(square, square, square);
    await t.same(
      sum,
      plain(6, 6, (r, c) => at(t.plain(square), r, c) + at(want, r, c)),
      tolerance(t.engine.precision, 6),
    );
  },
  intoMomentum: async (t) => {
    for (const [rows, inner, cols] of [
      [1, 1, 1],
      [20, 40, 34],
      [33, 2100, 47],
    ] as const) {
      const [w, v, a, b] = [
        t.draw(rows, cols),
        t.draw(rows, cols),
        t.draw(inner, rows, -0.1, 0.1),
        t.draw(inner, cols),
      ];
      const [before, speed, term] = [t.plain(w), t.plain(v), product(turn(t.plain(a)), t.plain(b))];
      const want = plain(rows, cols, (r, c) => 0.9 * at(speed, r, c) + 0.5 * at(term, r, c));
      const after = plain(rows, cols, (r, c) => at(before, r, c) - 2 * at(want, r, c));
      const [close, view] = [tolerance(t.engine.precision, inner), t.engine.sliceRows(v, 0, 1)];
      const rule = { momentum: 0.9, scale: 0.5, rate: -2 };
      const { value, velocity } = t.engine.intoMomentum(w, v, a, b, rule);
      await t.same(velocity, want, close);
      await t.same(value, after, 2 * close);
      t.refuses('ERR_ENGINE_DISPOSED', () => t.engine.scale(v, 1));
      await t.same(
        view,
        plain(1, cols, (_, c) => at(speed, 0, c)),
      );
      const again = t.engine.intoMomentum(value, velocity, a, b, { momentum: 0, scale: 1, rate: 2 });
      await t.same(again.velocity, term, 2 * close);
      await t.same(
        again.value,
        plain(rows, cols, (r, c) => at(after, r, c) + 2 * at(term, r, c)),
        4 * close,
      );
      t.refuses('ERR_ENGINE_SHAPE', () => t.engine.intoMomentum(again.value, t.draw(rows + 1, cols), a, b, rule));
    }
  },
  'the same right-hand side many times, and after it changed': async (t) => {
    let w = t.draw(40, 33);
    const values = t.plain(w);
    const x = t.draw(9, 33);
    const [close, e] = [tolerance(t.engine.precision, 33), t.engine];
    const want = product(t.plain(x), turn(values));
    for (let i = 0; i < 4; i++) await t.same(e.matmul(x, w, { transposeB: true }), want, close);
    w = e.intoAddScaled(w, w, 1);
    for (let i = 0; i < 3; i++)
      await t.same(
        e.matmul(x, w, { transposeB: true }),
        plain(9, 40, (r, c) => 2 * at(want, r, c)),
        2 * close,
      );
  },
  'sums of products': async (t) => {
    for (const [rows, cols] of [
      [1, 1],
      [70, 300],
      [400, 90],
    ] as const) {
      const [a, b] = [t.draw(rows, cols), t.draw(rows, cols)];
      const both = plain(rows, cols, (r, c) => at(t.plain(a), r, c) * at(t.plain(b), r, c));
      await t.same(t.engine.dotRows(a, b), foldRows(both, sum));
      await t.same(t.engine.dotCols(a, b), foldCols(both, sum));
      const squares = sum([...t.plain(a).data].map((x) => x * x));
      await t.same(
        t.engine.sumSquares(a),
        plain(1, 1, () => squares),
      );
    }
  },
};
