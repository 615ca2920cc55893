import type { Engine, Tensor } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  dimError,
  type HostStatistics,
  type Propagated,
  type Start,
  UpdatableComponent,
  updatableFields,
} from '../component.js';
import { type Field, field } from '../fields.js';
import type { NaturalGradientSettings } from '../trainable.js';

/** The five nonlinearities, in the order of the statistics' rows. */
const parts = 5;

/**
 * The core of an LSTM with peepholes (Sak et al., 2014), for C cells. In: preactivations of i, f, c, o and the
 * cells before (5 C, and with dropout a scale for each of i, f and o); out: the cells and the outputs (2 C).
 * Parameters: the peepholes of i, f and o (3 x C). Units whose mean slope is low are repaired.
 */
export class LstmNonlinearityComponent extends UpdatableComponent {
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
  get inputDim(): number {
    return 5 * this.cellDim + (this.useDropout ? 3 : 0);
  }
  get outputDim(): number {
    return 2 * this.cellDim;
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

  private inputs(engine: Engine, x: Tensor): { i: Tensor; f: Tensor; g: Tensor; o: Tensor; before: Tensor } {
    const c = this.cellDim;
    const col = (k: number): Tensor => engine.sliceCols(x, k * c, c);
    return { i: col(0), f: col(1), g: col(2), o: col(3), before: col(4) };
  }

  /** Dropout's scale of gate k, a column; undefined without dropout. */
  private gateScale(engine: Engine, x: Tensor, k: number): Tensor | undefined {
    return this.useDropout ? engine.sliceCols(x, 5 * this.cellDim + k, 1) : undefined;
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine } = call;
    const mul = (a: Tensor, b: Tensor): Tensor => engine.binary('mul', a, b);
    const add = (a: Tensor, b: Tensor): Tensor => engine.binary('add', a, b);
    const scaled = (gate: Tensor, k: number): Tensor => {
      const by = this.gateScale(engine, x, k);
      return by ? mul(gate, by) : gate;
    };
    const w = this.weights(call);
    const u = this.inputs(engine, x);
    const i = engine.unary('sigmoid', add(u.i, mul(u.before, w.ic)));
    const f = engine.unary('sigmoid', add(u.f, mul(u.before, w.fc)));
    const g = engine.unary('tanh', u.g);
    const c = add(mul(scaled(f, 1), u.before), mul(scaled(i, 0), g));
    const o = engine.unary('sigmoid', add(u.o, mul(c, w.oc)));
    const h = engine.unary('tanh', c);
    const m = mul(scaled(o, 2), h);
    return { y: engine.concatCols([c, m]), memo: { i, f, g, o, h } };
  }

  backprop(call: Call, { x, y, dy, memo, sink, wanted }: Backprop): Tensor | undefined {
    const { engine } = call;
    const { i, f, g, o, h } = memo as Record<'i' | 'f' | 'g' | 'o' | 'h', Tensor>;
    const C = this.cellDim;
    const mul = (a: Tensor, b: Tensor): Tensor => engine.binary('mul', a, b);
    const add = (a: Tensor, b: Tensor): Tensor => engine.binary('add', a, b);
    const scales = [0, 1, 2].map((k) => this.gateScale(engine, x, k));
    const scaled = (t: Tensor, k: number): Tensor => (scales[k] ? mul(t, scales[k]) : t);
    const w = this.weights(call);
    const before = engine.sliceCols(x, 4 * C, C);
    const c = engine.sliceCols(y, 0, C);
    const dcOut = engine.sliceCols(dy, 0, C);
    const dm = engine.sliceCols(dy, C, C);
    const repair = this.repairs(call, x.rows);
    const less = (d: Tensor, k: number, value: Tensor): Tensor =>
      repair ? engine.binary('sub', d, mul(value, repair[k]!)) : d;
    const centred = (gate: Tensor): Tensor => engine.scale(gate, 2, -1);

    const dmh = mul(dm, h);
    const doIn = less(engine.sigmoidGrad(o, scaled(dmh, 2)), 3, centred(o));
    const dh = engine.tanhGrad(h, mul(dm, scaled(o, 2)));
    const dc = less(add(add(dcOut, dh), mul(doIn, w.oc)), 4, h);
    const dfc = mul(dc, before);
    const dic = mul(dc, g);
    const df = less(engine.sigmoidGrad(f, scaled(dfc, 1)), 1, centred(f));
    const di = less(engine.sigmoidGrad(i, scaled(dic, 0)), 0, centred(i));
    const dg = less(engine.tanhGrad(g, mul(dc, scaled(i, 0))), 2, g);
    if (sink)
      sink.whole(
        'params',
        engine.concatRows([
          engine.sumRows(mul(di, before)),
          engine.sumRows(mul(df, before)),
          engine.sumRows(mul(doIn, c)),
        ]),
      );
    this.store(call, { i, f, g, o, h });
    if (!wanted) return undefined;
    const dBefore = add(mul(dc, scaled(f, 1)), add(mul(di, w.ic), mul(df, w.fc)));
    const pieces = [di, df, dg, doIn, dBefore];
    if (this.useDropout)
      pieces.push(engine.sumCols(mul(dic, i)), engine.sumCols(mul(dfc, f)), engine.sumCols(mul(dmh, o)));
    return engine.concatCols(pieces);
  }

  private store(call: Call, v: Record<'i' | 'f' | 'g' | 'o' | 'h', Tensor>): void {
    if (!call.storeStatistics) return;
    const { engine, statistics } = call;
    const values = [v.i, v.f, v.g, v.o, v.h];
    const rows = values.map((t) => engine.sumRows(t));
    // Slopes sum to v (1 - v) for the gates and 1 - v^2 for the two tanh.
    const slopes = values.map((t, k) => {
      const squares = engine.sumRows(engine.unary('square', t));
      return k === 2 || k === 4 ? engine.scale(squares, -1, t.rows) : engine.binary('sub', rows[k]!, squares);
    });
    statistics.add('value', engine.concatRows(rows));
    statistics.add('deriv', engine.concatRows(slopes));
    statistics.addCount('count', v.i.rows);
  }

  /** For each of the five a row: the scale for units to be repaired, 0 for others. */
  private repairs(call: Call, rows: number): Tensor[] | undefined {
    const { engine, statistics } = call;
    const count = statistics.count('count');
    const sum = statistics.sum('deriv');
    if (!call.training || count === 0 || !sum || this.selfRepairConfig.every((v, k) => k < parts || v === 0))
      return undefined;
    const mean = engine.scale(sum, 1 / (count + 1));
    const thresholds = engine.tensor(parts, 1, this.selfRepairConfig.slice(0, parts));
    const low = engine.binary('less', mean, thresholds);
    if (call.storeStatistics) statistics.add('repaired', engine.scale(engine.sumCols(low), rows));
    const scaled = engine.binary('mul', low, engine.tensor(parts, 1, this.selfRepairConfig.slice(parts)));
    return Array.from({ length: parts }, (_, k) => engine.sliceRows(scaled, k, 1));
  }

  override statistics(): HostStatistics {
    const { count, valueAvg, derivAvg, selfRepairProb } = this;
    const times = (m: Matrix): Matrix => ({ ...m, data: m.data.map((v) => v * count) });
    const repaired = matrix(
      parts,
      1,
      selfRepairProb.map((v) => v * count * this.cellDim),
    );
    return { sums: { value: times(valueAvg), deriv: times(derivAvg), repaired }, counts: { count } };
  }

  override withStatistics({ sums, counts }: HostStatistics): this {
    const count = counts['count'] ?? 0;
    const mean = (name: string): Matrix =>
      matrix(parts, this.cellDim, sums[name] && count > 0 ? sums[name].data.map((v) => v / count) : undefined);
    const repaired = sums['repaired']?.data;
    const selfRepairProb = new Float32Array(parts);
    if (repaired && count > 0) selfRepairProb.set(repaired.map((v) => v / (count * this.cellDim)));
    return this.with({ count, valueAvg: mean('value'), derivAvg: mean('deriv'), selfRepairProb } as Partial<this>);
  }

  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }
}
