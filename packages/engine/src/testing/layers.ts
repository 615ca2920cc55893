import type { Tensor } from '../engine.js';
import {
  batchNorm,
  batchNormGrad,
  normalize,
  normalizer,
  normalizerSlope,
  normGradSquares,
  reluNormGrad,
} from '../fused/batch-norm.js';
import { gruGates, gruGatesGrad, gruOutput, gruOutputGrad } from '../fused/gru-cell.js';
import { lstmCell, lstmCellGrad } from '../fused/lstm-cell.js';
import { adamUpdate, sgdUpdate } from '../fused/updates.js';
import type { Case, Check } from './check.js';
import { type Plain, at, foldRows, plain, sum } from './reference.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const dot = (a: Plain, b: Plain): number => sum([...a.data].map((x, i) => x * b.data[i]!));

/** Derivative of `of` with respect to each element of x, by differences: `of` is called with x changed in place. */
function slope(x: Plain, of: () => number): Plain {
  const step = 1e-5;
  return plain(x.rows, x.cols, (r, c) => {
    const i = r * x.cols + c;
    const before = x.data[i]!;
    x.data[i] = before + step;
    const above = of();
    x.data[i] = before - step;
    const below = of();
    x.data[i] = before;
    return (above - below) / (2 * step);
  });
}

/** An LSTM step in plain JavaScript: the cells and the output. */
function lstm(x: Plain, before: Plain, peepholes: Plain | undefined): { c: Plain; m: Plain } {
  const cells = before.cols;
  const seen = (k: number, c: number, cell: number): number => (peepholes ? at(peepholes, k, c) * cell : 0);
  const c = plain(x.rows, cells, (r, k) => {
    const old = at(before, r, k);
    const i = sigmoid(at(x, r, k) + seen(0, k, old));
    return sigmoid(at(x, r, cells + k) + seen(1, k, old)) * old + i * Math.tanh(at(x, r, 2 * cells + k));
  });
  const m = plain(x.rows, cells, (r, k) => {
    const now = at(c, r, k);
    return sigmoid(at(x, r, 3 * cells + k) + seen(2, k, now)) * Math.tanh(now);
  });
  return { c, m };
}

async function testLstm(t: Check, peepholes: Tensor | undefined): Promise<void> {
  const [x, before, dm, dc] = [t.draw(5, 28, -2, 2), t.draw(5, 7), t.draw(5, 7), t.draw(5, 7)];
  const step = lstmCell(t.engine, x, before, { peepholes });
  const p = peepholes && t.plain(peepholes);
  const want = lstm(t.plain(x), t.plain(before), p);
  await t.same(step.c, want.c);
  await t.same(step.m, want.m);
  const back = lstmCellGrad(t.engine, step, before, dm, dc, { peepholes });
  const objective = (): number => {
    const { c, m } = lstm(t.plain(x), t.plain(before), p);
    return dot(m, t.plain(dm)) + dot(c, t.plain(dc));
  };
  await t.same(back.dx, slope(t.plain(x), objective), 1e-4);
  await t.same(back.dc, slope(t.plain(before), objective), 1e-4);
}

/** Steps of recurrent layers, normalisation and updates, against plain JavaScript and its differences. */
export const layers: Record<string, Case> = {
  'an LSTM step and its way back': async (t) => {
    await testLstm(t, undefined);
    await testLstm(t, t.draw(3, 7));
  },
  'a GRU step and its way back': async (t) => {
    const [xz, xr, h, a, drh, dy] = [0, 1, 2, 3, 4, 5].map(() => t.draw(6, 5, -2, 2)) as [Tensor, ...Tensor[]];
    const of = (x: Tensor) => t.plain(x);
    const each = (fn: (r: number, c: number) => number): Plain => plain(6, 5, fn);
    const { z, r, rh } = gruGates(t.engine, xz, xr!, h!);
    const { candidate, y } = gruOutput(t.engine, a!, z, h!);
    const reset = (): Plain => each((i, k) => sigmoid(at(of(xr!), i, k)) * at(of(h!), i, k));
    const result = (): Plain =>
      each((i, k) => {
        const gate = sigmoid(at(of(xz), i, k));
        return gate * at(of(h!), i, k) + (1 - gate) * Math.tanh(at(of(a!), i, k));
      });
    await t.same(rh, reset());
    await t.same(y, result());
    const objective = (): number => dot(result(), of(dy!)) + dot(reset(), of(drh!));
    const out = gruOutputGrad(t.engine, candidate, z, h!, dy!);
    const gates = gruGatesGrad(t.engine, r, h!, drh!, out.dh);
    await t.same(out.da, slope(of(a!), objective), 1e-4);
    await t.same(out.dxz, slope(of(xz), objective), 1e-4);
    await t.same(gates.dxr, slope(of(xr!), objective), 1e-4);
    await t.same(gates.dh, slope(of(h!), objective), 1e-4);
  },
  'batch normalisation and its way back': async (t) => {
    const [x, dy] = [t.draw(12, 5, -1, 3), t.draw(12, 5)];
    const options = { epsilon: 0.01, targetRms: 0.5 };
    const result = (): Plain => {
      const mean = foldRows(t.plain(x), (v) => sum(v) / v.length);
      const variance = foldRows(t.plain(x), (v) => sum(v.map((y) => y * y)) / v.length - (sum(v) / v.length) ** 2);
      return plain(
        12,
        5,
        (r, c) => ((at(t.plain(x), r, c) - at(mean, 0, c)) * 0.5) / Math.sqrt(at(variance, 0, c) + 0.01),
      );
    };
    const norm = batchNorm(t.engine, x, options);
    await t.same(norm.y, result());
    await t.same(
      norm.mean,
      foldRows(t.plain(x), (v) => sum(v) / v.length),
    );
    const want = slope(t.plain(x), () => dot(result(), t.plain(dy)));
    await t.same(batchNormGrad(t.engine, x, norm, dy, options), want, 1e-4);

    // The same as parts of something larger: behind a ReLU, and before a sum.
    const back = normalizerSlope(t.engine, x, normalizer(t.engine, x, options), dy, options);
    const push = t.draw(1, 5);
    const masked = (r: number, c: number): number => (at(t.plain(x), r, c) > 0 ? at(want, r, c) : 0);
    await t.same(reluNormGrad(t.engine, x, back, dy), plain(12, 5, masked), 1e-4);
    await t.same(
      reluNormGrad(t.engine, x, back, dy, push),
      plain(12, 5, (r, c) => masked(r, c) + at(t.plain(push), 0, c)),
      1e-4,
    );
    const squares = foldRows(want, (v) => sum(v.map((d) => d * d)));
    await t.same(normGradSquares(t.engine, x, back, dy), squares, 1e-4);
    await t.same(
      normalize(t.engine, x, norm, { of: dy, factor: 0.5 }),
      plain(12, 5, (r, c) => at(result(), r, c) + 0.5 * at(t.plain(dy), r, c)),
    );
  },
  'updates of parameters': async (t) => {
    let [w, m, v] = [t.draw(4, 6), t.engine.zeros(4, 6), t.engine.zeros(4, 6)];
    let [u, speed] = [t.engine.scale(w, 1), t.engine.zeros(4, 6)];
    const want = Array.from(t.plain(w).data, (x) => ({ w: x, m: 0, v: 0, u: x, speed: 0 }));
    for (let step = 1; step <= 5; step++) {
      const g = t.draw(4, 6);
      ({ w, m, v } = adamUpdate(t.engine, { w, m, v }, g, step, { rate: 0.1, weightDecay: 0.01 }));
      ({ w: u, v: speed } = sgdUpdate(t.engine, u, speed, g, { rate: 0.1, momentum: 0.9 }));
      want.forEach((p, i) => {
        const gradient = t.plain(g).data[i]!;
        p.m = 0.9 * p.m + 0.1 * gradient;
        p.v = 0.999 * p.v + 0.001 * gradient ** 2;
        const root = Math.sqrt(p.v / (1 - 0.999 ** step)) + 1e-8;
        p.w = p.w * (1 - 0.1 * 0.01) + (0.1 * (p.m / (1 - 0.9 ** step))) / root;
        p.speed = 0.9 * p.speed + 0.1 * gradient;
        p.u += p.speed;
      });
    }
    await t.same(
      w,
      plain(4, 6, (r, c) => want[r * 6 + c]!.w),
      1e-4,
    );
    await t.same(
      u,
      plain(4, 6, (r, c) => want[r * 6 + c]!.u),
    );
  },
};
