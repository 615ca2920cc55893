import { type ElementwiseProgram, type Value, type Writer, elementwise } from '../elementwise.js';
import type { Engine, Tensor } from '../engine.js';

/** What one step of an LSTM gives. */
export interface LstmStep {
  /** The gates i, f, g, o after their nonlinearities, side by side: rows x 4 cells. For the way back. */
  readonly gates: Tensor;
  /** The cells: rows x cells. */
  readonly c: Tensor;
  /** The output o * tanh(c): rows x cells. */
  readonly m: Tensor;
}

export interface LstmCellOptions {
  /** Diagonal weights from the cells to i, f (of the step before) and o: 3 x cells, as Kaldi's LstmNonlinearity. */
  readonly peepholes?: Tensor | undefined;
}

const forward = (peepholes: boolean): ElementwiseProgram =>
  elementwise(peepholes ? 8 : 5, 0, (e, [xi, xf, xg, xo, before, wi, wf, wo]) => {
    const seen = (x: Value, w: Value | undefined, c: Value): Value => (w ? e.mulAdd(w, c, x) : x);
    const i = e.op('sigmoid', seen(xi!, wi, before!));
    const f = e.op('sigmoid', seen(xf!, wf, before!));
    const g = e.op('tanh', xg!);
    const c = e.mulAdd(f, before!, e.mul(i, g));
    const o = e.op('sigmoid', seen(xo!, wo, c));
    return [i, f, g, o, c, e.mul(o, e.op('tanh', c))];
  });
const backward = (peepholes: boolean): ElementwiseProgram =>
  elementwise(peepholes ? 11 : 8, 0, (e, [i, f, g, o, before, c, dm, dcNext, wi, wf, wo]) => {
    const t = e.op('tanh', c!);
    const dxo = e.op('sigmoidGrad', o!, e.mul(dm!, t));
    const direct = e.add(dcNext!, e.op('tanhGrad', t, e.mul(dm!, o!)));
    const dc = wo ? e.mulAdd(wo, dxo, direct) : direct;
    const dxi = e.op('sigmoidGrad', i!, e.mul(dc, g!));
    const dxf = e.op('sigmoidGrad', f!, e.mul(dc, before!));
    const dxg = e.op('tanhGrad', g!, e.mul(dc, i!));
    return [dxi, dxf, dxg, dxo, cellBefore(e, dc, f!, dxi, dxf, wi, wf)];
  });
function cellBefore(e: Writer, dc: Value, f: Value, dxi: Value, dxf: Value, wi?: Value, wf?: Value): Value {
  const carried = e.mul(dc, f);
  return wi && wf ? e.mulAdd(wf, dxf, e.mulAdd(wi, dxi, carried)) : carried;
}
const programs = { forward: [forward(false), forward(true)], backward: [backward(false), backward(true)] } as const;

const quarters = (engine: Engine, x: Tensor): Tensor[] => {
  const cells = x.cols / 4;
  return [0, 1, 2, 3].map((k) => engine.sliceCols(x, k * cells, cells));
};
const rowsOf = (engine: Engine, peepholes: Tensor | undefined): Tensor[] =>
  peepholes ? [0, 1, 2].map((k) => engine.sliceRows(peepholes, k, 1)) : [];

/**
 * One step of an LSTM over some sequences, in one pass. x holds what goes into the gates i, f, g (the cells' input)
 * and o, side by side (rows x 4 cells); c the cells of the step before. (Sak, Senior, Beaufays 2014; Kaldi:
 * LstmNonlinearityComponent without dropout.)
 */
export function lstmCell(engine: Engine, x: Tensor, c: Tensor, { peepholes }: LstmCellOptions = {}): LstmStep {
  return engine.tidy(() => {
    const program = programs.forward[peepholes ? 1 : 0];
    const inputs = [...quarters(engine, x), c, ...rowsOf(engine, peepholes)];
    const [gates, next, m] = engine.map(program, inputs, { beside: 4 });
    return { gates: gates!, c: next!, m: m! };
  });
}

/**
 * The way back through `lstmCell`: from the step's own results, the cells before it, and the derivatives of its output
 * m and of its cells (what the next step hands back), those of x (rows x 4 cells) and of the cells before.
 */
export function lstmCellGrad(
  engine: Engine,
  { gates, c }: Pick<LstmStep, 'gates' | 'c'>,
  before: Tensor,
  dm: Tensor,
  dc: Tensor,
  { peepholes }: LstmCellOptions = {},
): { dx: Tensor; dc: Tensor } {
  return engine.tidy(() => {
    const program = programs.backward[peepholes ? 1 : 0];
    const inputs = [...quarters(engine, gates), before, c, dm, dc, ...rowsOf(engine, peepholes)];
    const [dx, dBefore] = engine.map(program, inputs, { beside: 4 });
    return { dx: dx!, dc: dBefore! };
  });
}
