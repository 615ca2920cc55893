import type { BinaryOp, UnaryOp } from '../engine.js';
import type { Case } from './check.js';
import { at, plain } from './reference.js';

const unary: Record<UnaryOp, (x: number) => number> = {
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  square: (x) => x * x,
  abs: Math.abs,
  neg: (x) => -x,
  sign: Math.sign,
  reciprocal: (x) => 1 / x,
};
const positive = new Set<UnaryOp>(['log', 'sqrt', 'rsqrt', 'reciprocal']);

const binary: Record<BinaryOp, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  greater: (a, b) => Number(a > b),
  less: (a, b) => Number(a < b),
};
const keysOf = <K extends string>(record: Record<K, unknown>): K[] => Object.keys(record) as K[];

/** Functions that work on each element by itself. */
export const elementwise: Record<string, Case> = {
  unary: async (t) => {
    for (const op of keysOf(unary))
      for (const [rows, cols] of [
        [1, 1],
        [13, 7],
        [40, 65],
      ] as const) {
        const x = positive.has(op) ? t.draw(rows, cols, 0.1, 9) : t.draw(rows, cols, -6, 6);
        const want = plain(rows, cols, (r, c) => unary[op](at(t.plain(x), r, c)));
        await t.same(t.engine.unary(op, x), want).catch((error: Error) => named(op, error));
      }
  },
  'nonlinearities far out': async (t) => {
    const x = t.engine.tensor(1, 6, Float32Array.of(-200, -90, -20, 20, 90, 200));
    const far = [-200, -90, -20, 20, 90, 200];
    for (const op of ['sigmoid', 'tanh', 'relu'] as const)
      await t.same(
        t.engine.unary(op, x),
        plain(1, 6, (_, c) => unary[op](far[c]!)),
      );
    const nan = t.engine.tensor(1, 2, Float32Array.of(Number.NaN, 1));
    for (const op of ['sigmoid', 'tanh', 'exp', 'square'] as const) {
      const data = await t.engine.read(t.engine.unary(op, nan));
      if (!Number.isNaN(data[0]) || Number.isNaN(data[1])) throw new Error(`${op}: NaN is lost or spread`);
    }
  },
  binary: async (t) => {
    for (const op of keysOf(binary))
      for (const [aRows, aCols, bRows, bCols] of [
        [7, 5, 7, 5],
        [7, 5, 1, 5],
        [7, 5, 7, 1],
        [7, 5, 1, 1],
        [1, 5, 7, 5],
        [7, 1, 7, 5],
        [1, 1, 7, 5],
        [7, 1, 1, 5],
        [33, 70, 33, 70],
        [33, 70, 1, 70],
      ] as const) {
        const a = t.draw(aRows, aCols, 0.5, 2);
        const b = t.draw(bRows, bCols, 0.5, 2);
        const [rows, cols] = [Math.max(aRows, bRows), Math.max(aCols, bCols)];
        const want = plain(rows, cols, (r, c) => binary[op](at(t.plain(a), r, c), at(t.plain(b), r, c)));
        await t.same(t.engine.binary(op, a, b), want).catch((error: Error) => named(op, error));
      }
    t.refuses('ERR_ENGINE_SHAPE', () => t.engine.binary('add', t.draw(2, 3), t.draw(3, 2)));
  },
  'scale, addScaled, clamp, where': async (t) => {
    const a = t.draw(9, 11);
    const b = t.draw(9, 11);
    const [x, y] = [t.plain(a), t.plain(b)];
    const map = (fn: (x: number, y: number) => number) => plain(9, 11, (r, c) => fn(at(x, r, c), at(y, r, c)));
    await t.same(
      t.engine.scale(a, 3),
      map((x) => 3 * x),
    );
    await t.same(
      t.engine.scale(a, -2, 0.5),
      map((x) => -2 * x + 0.5),
    );
    await t.same(
      t.engine.addScaled(a, b, -0.25),
      map((x, y) => x - 0.25 * y),
    );
    await t.same(
      t.engine.addScaled(a, b, 1),
      map((x, y) => x + y),
    );
    await t.same(
      t.engine.clamp(a, -0.3, 0.6),
      map((x) => Math.min(Math.max(x, -0.3), 0.6)),
    );
    const condition = t.engine.binary('greater', a, b);
    await t.same(t.engine.where(condition, a, b), map(Math.max));
    await t.same(a, x);
    await t.same(b, y);
  },
  'intoAddScaled consumes its first operand and nothing else': async (t) => {
    const a = t.draw(5, 6);
    const b = t.draw(5, 6);
    const view = t.engine.reshape(a, 6, 5);
    const part = t.engine.sliceRows(a, 0, 2);
    const [x, y] = [t.plain(a), t.plain(b)];
    const sum = t.engine.intoAddScaled(a, b, 2);
    await t.same(
      sum,
      plain(5, 6, (r, c) => at(x, r, c) + 2 * at(y, r, c)),
    );
    await t.same(
      view,
      plain(6, 5, (r, c) => x.data[r * 5 + c]!),
    );
    await t.same(
      part,
      plain(2, 6, (r, c) => at(x, r, c)),
    );
    t.refuses('ERR_ENGINE_DISPOSED', () => t.engine.scale(a, 1));
    await t.same(
      t.engine.intoAddScaled(sum, sum, -1),
      plain(5, 6, () => 0),
    );
  },
  'derivatives of nonlinearities': async (t) => {
    const y = t.draw(14, 9, -0.9, 0.9);
    const dy = t.draw(14, 9);
    const map = (fn: (y: number, dy: number) => number) =>
      plain(14, 9, (r, c) => fn(at(t.plain(y), r, c), at(t.plain(dy), r, c)));
    await t.same(
      t.engine.reluGrad(y, dy),
      map((y, dy) => (y > 0 ? dy : 0)),
    );
    await t.same(
      t.engine.sigmoidGrad(y, dy),
      map((y, dy) => dy * y * (1 - y)),
    );
    await t.same(
      t.engine.tanhGrad(y, dy),
      map((y, dy) => dy * (1 - y * y)),
    );
  },
};

const named = (op: string, error: Error): never => {
  throw new Error(`${op}: ${error.message}`, { cause: error });
};
