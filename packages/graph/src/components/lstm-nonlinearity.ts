import { elementwise, type Engine, type Tensor, type Value, type Writer } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import {
  type Call,
  dimError,
  type HostStatistics,
  type Propagated,
  rowMatrix,
  type Start,
  updatableFields,
} from '../component.js';
import { type Field, field } from '../fields.js';
import { type BackpropParts, PartedComponent } from '../parted-component.js';
import type { NaturalGradientSettings } from '../trainable.js';

/** The five nonlinearities, in the order of the statistics' rows. */
const parts = 5;

const scaled = (e: Writer, gate: Value, by: Value | undefined): Value => (by ? e.mul(gate, by) : gate);

/** (c, m) side by side, then the five nonlinearities' outputs. */
const forward = [8, 11].map((count) =>
  elementwise(count, 0, (e, [xi, xf, xg, xo, before, wi, wf, wo, si, sf, so]) => {
    const i = e.op('sigmoid', e.mulAdd(wi!, before!, xi!));
    const f = e.op('sigmoid', e.mulAdd(wf!, before!, xf!));
    const g = e.op('tanh', xg!);
    const c = e.mulAdd(scaled(e, f, sf), before!, e.mul(scaled(e, i, si), g));
    const o = e.op('sigmoid', e.mulAdd(wo!, c, xo!));
    const h = e.op('tanh', c);
    return [c, e.mul(scaled(e, o, so), h), i, f, g, o, h];
  }),
);

/** d - repair * (2 y - 1): a gate is pushed back to the middle. The 1 is the program's parameter. */
const pushed = (e: Writer, d: Value, y: Value, repair: Value): Value =>
  e.sub(d, e.mul(repair, e.sub(e.add(y, y), e.parameter(0))));

const one = { parameters: [1] };

/** Derivatives of o's preactivation and of the cells. */
const outputBack = [7, 8].map((count) =>
  elementwise(count, 1, (e, [o, h, dm, dcOut, wo, ro, rh, so]) => {
    const dxo = pushed(e, e.op('sigmoidGrad', o!, scaled(e, e.mul(dm!, h!), so)), o!, ro!);
    const dh = e.op('tanhGrad', h!, e.mul(dm!, scaled(e, o!, so)));
    return [dxo, e.sub(e.add(e.add(dcOut!, dh), e.mul(dxo, wo!)), e.mul(rh!, h!))];
  }),
);

/** Derivatives of the preactivations of i, f, c and o, side by side, and of the cells before. */
const inputBack = [11, 13].map((count) =>
  elementwise(count, 1, (e, [i, f, g, before, dc, wi, wf, ri, rf, rg, dxo, si, sf]) => {
    const dxi = pushed(e, e.op('sigmoidGrad', i!, scaled(e, e.mul(dc!, g!), si)), i!, ri!);
    const dxf = pushed(e, e.op('sigmoidGrad', f!, scaled(e, e.mul(dc!, before!), sf)), f!, rf!);
    const dxg = e.sub(e.op('tanhGrad', g!, e.mul(dc!, scaled(e, i!, si))), e.mul(rg!, g!));
    const dBefore = e.mulAdd(wf!, dxf, e.mulAdd(wi!, dxi, e.mul(dc!, scaled(e, f!, sf))));
    return [dxi, dxf, dxg, dxo!, dBefore];
  }),
);

const values = elementwise(5, 0, (_, gates) => gates);
/** v (1 - v) for the gates and 1 - v^2 for the two tanh. */
const slopes = elementwise(5, 1, (e, gates) =>
  gates.map((v, k) => e.sub(k === 2 || k === 4 ? e.parameter(0) : v, e.mul(v, v))),
);
const peepholeGradients = elementwise(5, 0, (e, [di, df, before, dxo, c]) => [
  e.mul(di!, before!),
  e.mul(df!, before!),
  e.mul(dxo!, c!),
]);
/** Of the sums of slopes: which units are repaired, for so many rows, and their scale. Parameters: 1 / (count + 1), rows. */
const repair = elementwise(3, 2, (e, [sum, thresholds, scales]) => {
  const low = e.op('less', e.mul(sum!, e.parameter(0)), thresholds!);
  return [e.mul(low, e.parameter(1)), e.mul(low, scales!)];
});

/**
 * The core of an LSTM with peepholes (Sak et al., 2014), for C cells. In: preactivations of i, f, c, o and the
 * cells before (5 C, and with dropout a scale for each of i, f and o); out: the cells and the outputs (2 C).
 * Parameters: the peepholes of i, f and o (3 x C). Units whose mean slope is low are repaired.
 */
export class LstmNonlinearityComponent extends PartedComponent {
  static override readonly type: string = 'LstmNonlinearityComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<Params>', 'matrix', 'params'),
    field('<ValueAvg>', 'matrix', 'valueAvg'),
    field('<DerivAvg>', 'matrix', 'derivAvg'),
    field('<SelfRepairConfig>', 'vector', 'selfRepairConfig'),
    field('<SelfRepairProb>', 'vector', 'selfRepairProb'),
    field('<UseDropout>', 'bool', 'useDropout', { when: (c) => c.useDropout }),
    field('<Count>', 'double', 'count'),
  ];
  params: Matrix = matrix(3, 0);
  valueAvg: Matrix = matrix(parts, 0);
  derivAvg: Matrix = matrix(parts, 0);
  /** Thresholds of the five, then their scales. */
  selfRepairConfig: Float32Array = new Float32Array(2 * parts);
  selfRepairProb: Float32Array = new Float32Array(parts);
  useDropout = false;
  count = 0;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: true };

  get cellDim(): number {
    return this.params.cols;
  }
  get partDims(): readonly number[] {
    return [4 * this.cellDim, this.cellDim, ...(this.useDropout ? [3] : [])];
  }
  get outputDims(): readonly number[] {
    return [this.cellDim, this.cellDim];
  }

  configure({ config, random }: Start): void {
    this.configureLearning(config);
    const cells = config.positive('cell-dim');
    this.params = matrix(3, cells, random.normals(3 * cells, 0, config.float('param-stddev', 1)));
    const tanh = config.float('tanh-self-repair-threshold', 0.2);
    const sigmoid = config.float('sigmoid-self-repair-threshold', 0.05);
    const scale = config.float('self-repair-scale', 1e-5);
    this.selfRepairConfig = Float32Array.of(sigmoid, sigmoid, tanh, sigmoid, tanh, scale, scale, scale, scale, scale);
    this.useDropout = config.bool('use-dropout', false);
    this.valueAvg = matrix(parts, cells);
    this.derivAvg = matrix(parts, cells);
  }

  override check(): void {
    if (this.params.rows !== 3) dimError(`${this.type}, rows of the parameters`, 3, this.params.rows);
    if (this.selfRepairConfig.length !== 10)
      dimError(`${this.type}, SelfRepairConfig`, 10, this.selfRepairConfig.length);
  }

  parameters(): Record<string, Matrix> {
    return { params: this.params };
  }
  withParameters({ params }: Readonly<Record<string, Matrix>>): this {
    return this.with({ params: params ?? this.params } as Partial<this>);
  }
  override get naturalGradient(): NaturalGradientSettings {
    return { rankIn: 20, rankOut: 20, updatePeriod: 2, numSamplesHistory: 1000, alphaIn: 4, alphaOut: 4 };
  }

  private weights({ engine, tensors, derived }: Call): { ic: Tensor; fc: Tensor; oc: Tensor } {
    const row = (i: number): Tensor => derived(`w${i}`, () => engine.sliceRows(tensors['params']!, i, 1));
    return { ic: row(0), fc: row(1), oc: row(2) };
  }

  /** Dropout's scales of i, f and o, a column each; none without dropout. */
  private gateScales(engine: Engine, mask: Tensor | undefined): Tensor[] {
    return mask ? [0, 1, 2].map((k) => engine.sliceCols(mask, k, 1)) : [];
  }

  propagateParts(call: Call, [gatesIn, before, mask]: readonly Tensor[]): Propagated {
    const { engine } = call;
    const { ic, fc, oc } = this.weights(call);
    const scales = this.gateScales(engine, mask);
    const given = [0, 1, 2, 3].map((k) => engine.sliceCols(gatesIn!, k * this.cellDim, this.cellDim));
    const [y, ...gates] = engine.map(forward[mask ? 1 : 0]!, [...given, before!, ic, fc, oc, ...scales], { beside: 2 });
    return { y: y!, memo: { i: gates[0]!, f: gates[1]!, g: gates[2]!, o: gates[3]!, h: gates[4]! } };
  }

  backpropParts(call: Call, { xs, y, dys, memo, sink, wanted }: BackpropParts): readonly Tensor[] | undefined {
    const { engine } = call;
    const { i, f, g, o, h } = memo as Record<'i' | 'f' | 'g' | 'o' | 'h', Tensor>;
    const C = this.cellDim;
    // First: it counts what it repairs, and with new statistics all that was derived from the old ones is let go of.
    const [ri, rf, rg, ro, rh] = this.repairs(call, y.rows) ?? Array.from({ length: parts }, () => engine.zeros(1, C));
    const { ic, fc, oc } = this.weights(call);
    const [, before, mask] = xs;
    const [si, sf, so] = this.gateScales(engine, mask);
    const c = engine.sliceCols(y, 0, C);
    const zero = call.column('zero', () => new Float32Array(1));
    const [dcOut = zero, dm = zero] = dys;
    const dropout = mask ? 1 : 0;
    const late = [o, h, dm, dcOut, oc, ro!, rh!];
    const [doIn, dc] = engine.map(outputBack[dropout]!, dropout ? [...late, so!] : late, one);
    const early = [i, f, g, before!, dc!, ic, fc, ri!, rf!, rg!, doIn!];
    const [dGates, dBefore] = engine.map(inputBack[dropout]!, dropout ? [...early, si!, sf!] : early, {
      ...one,
      beside: 4,
    });
    if (sink) {
      const di = engine.sliceCols(dGates!, 0, C);
      const df = engine.sliceCols(dGates!, C, C);
      const gradients = engine.mapSums(peepholeGradients, [di, df, before!, doIn!, c]);
      sink.whole('params', engine.concatRows(gradients));
    }
    this.store(call, { i, f, g, o, h });
    if (!wanted) return undefined;
    if (!dropout) return [dGates!, dBefore!];
    const [dis, dfs] = [engine.binary('mul', dc!, g), engine.binary('mul', dc!, before!)];
    const dos = engine.binary('mul', dm, h);
    const dMask = [engine.dotCols(dis, i), engine.dotCols(dfs, f), engine.dotCols(dos, o)];
    return [dGates!, dBefore!, engine.concatCols(dMask)];
  }

  private store(call: Call, v: Record<'i' | 'f' | 'g' | 'o' | 'h', Tensor>): void {
    if (!call.storeStatistics) return;
    const { engine, statistics } = call;
    const gates = [v.i, v.f, v.g, v.o, v.h];
    statistics.add('value', engine.concatCols(engine.mapSums(values, gates)));
    statistics.add('deriv', engine.concatCols(engine.mapSums(slopes, gates, [1])));
    statistics.addCount('count', v.i.rows);
  }

  /** For each of the five a row: the scale for units to be repaired, 0 for others. */
  private repairs(call: Call, rows: number): Tensor[] | undefined {
    const { engine, statistics } = call;
    const count = statistics.count('count');
    const sum = statistics.sum('deriv');
    if (!call.training || count === 0 || !sum || this.selfRepairConfig.every((v, k) => k < parts || v === 0))
      return undefined;
    const thresholds = call.column('thresholds', () => this.selfRepairConfig.slice(0, parts));
    const scales = call.column('scales', () => this.selfRepairConfig.slice(parts));
    const given = [engine.reshape(sum, parts, this.cellDim), thresholds, scales];
    const [low, scaled] = engine.map(repair, given, { parameters: [1 / (count + 1), rows] });
    if (call.storeStatistics) statistics.add('repaired', engine.reshape(low!, 1, parts * this.cellDim));
    return Array.from({ length: parts }, (_, k) => engine.sliceRows(scaled!, k, 1));
  }

  /** The five in one row, one after the other. */
  override statistics(): HostStatistics {
    const { count, valueAvg, derivAvg, selfRepairProb, cellDim } = this;
    const times = (m: Matrix): Matrix => rowMatrix(m.data.map((v) => v * count));
    const repaired = matrix(1, parts * cellDim);
    selfRepairProb.forEach((v, k) => (repaired.data[k * cellDim] = v * count * cellDim));
    return { sums: { value: times(valueAvg), deriv: times(derivAvg), repaired }, counts: { count } };
  }

  override withStatistics({ sums, counts }: HostStatistics): this {
    const count = counts['count'] ?? 0;
    const mean = (name: string): Matrix =>
      matrix(parts, this.cellDim, sums[name] && count > 0 ? sums[name].data.map((v) => v / count) : undefined);
    const repaired = sums['repaired']?.data;
    const selfRepairProb = new Float32Array(parts);
    if (repaired && count > 0) repaired.forEach((v, i) => (selfRepairProb[Math.floor(i / this.cellDim)]! += v));
    if (count > 0) selfRepairProb.forEach((v, k) => (selfRepairProb[k] = v / (count * this.cellDim)));
    return this.with({ count, valueAvg: mean('value'), derivAvg: mean('deriv'), selfRepairProb } as Partial<this>);
  }

  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }
}
