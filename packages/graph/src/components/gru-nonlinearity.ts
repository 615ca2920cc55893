import { elementwise, type Engine, type Tensor } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  type HostStatistics,
  type Propagated,
  rowMatrix,
  type Start,
  totalMatrix,
  UpdatableComponent,
  updatableFields,
} from '../component.js';
import type { ConfigLine } from '../config-line.js';
import { type Field, field } from '../fields.js';
import { Random } from '../random.js';
import type { NaturalGradientSettings } from '../trainable.js';

/** (h, c) side by side, with h = tanh(part + inner) and c = (1 - z) h + z c': one pass. */
const mixed = elementwise(4, 0, (e, [part, inner, z, before]) => {
  const h = e.op('tanh', e.add(part!, inner!));
  return [h, e.mulAdd(z!, e.sub(before!, h), h)];
});
/** Derivatives of z, of c' and of what goes into the tanh. */
const unmixed = elementwise(5, 0, (e, [h, dh, dc, z, before]) => {
  const through = e.mul(dc!, z!);
  const whole = e.add(dh!, e.sub(dc!, through));
  return [e.mul(dc!, e.sub(before!, h!)), through, e.op('tanhGrad', h!, whole)];
});
/** Derivatives of z, r, the tanh's input and c', which is s' too, side by side. */
const joined = elementwise(6, 0, (e, [dz, dIn, dBefore, inner, r, state]) => [
  dz!,
  e.mul(inner!, state!),
  dIn!,
  e.mulAdd(inner!, r!, dBefore!),
]);

/** The same, where units whose sum of slopes is under parameter 1 are pushed by parameter 0. */
const unmixedAndPushed = elementwise(6, 2, (e, [h, dh, dc, z, before, slopes]) => {
  const through = e.mul(dc!, z!);
  const whole = e.add(dh!, e.sub(dc!, through));
  const low = e.op('less', slopes!, e.parameter(1));
  const dIn = e.mulAdd(e.mul(h!, low), e.parameter(0), e.op('tanhGrad', h!, whole));
  return [e.mul(dc!, e.sub(before!, h!)), through, dIn];
});

const valueAndSlope = elementwise(1, 1, (e, [h]) => [h!, e.sub(e.parameter(0), e.mul(h!, h!))]);
const isLow = elementwise(1, 1, (e, [slopes]) => [e.op('less', slopes!, e.parameter(0))]);

/** What both kinds of GRU share: a tanh with statistics and self-repair, and how cells are mixed. */
abstract class GruComponent extends UpdatableComponent {
  cellDim = 0;
  valueAvg: Float32Array = new Float32Array(0);
  derivAvg: Float32Array = new Float32Array(0);
  selfRepairTotal = 0;
  count = 0;
  selfRepairThreshold = 0.2;
  selfRepairScale = 1e-5;
  alpha = 4;
  updatePeriod = 4;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: true };

  protected configureCell(config: ConfigLine, updatePeriod: number): void {
    this.configureLearning(config);
    this.cellDim = config.positive('cell-dim');
    this.selfRepairThreshold = config.float('self-repair-threshold', 0.2);
    this.selfRepairScale = config.float('self-repair-scale', 1e-5);
    this.alpha = config.float('alpha', 4);
    this.updatePeriod = config.positive('update-period', updatePeriod);
    this.valueAvg = new Float32Array(this.cellDim);
    this.derivAvg = new Float32Array(this.cellDim);
  }

  get outputDim(): number {
    return 2 * this.cellDim;
  }

  /** (h, c) with c = (1 - z) h + z c'. */
  protected mix(engine: Engine, z: Tensor, part: Tensor, inner: Tensor, before: Tensor): Tensor {
    return engine.map(mixed, [part, inner, z, before], { beside: 2 })[0]!;
  }

  /** Derivatives of {@link mix}: of z, of c' and of what goes into the tanh. */
  protected unmix(
    call: Call,
    y: Tensor,
    dy: Tensor,
    z: Tensor,
    before: Tensor,
  ): { dz: Tensor; dBefore: Tensor; dIn: Tensor } {
    const { engine } = call;
    const C = this.cellDim;
    const h = engine.sliceCols(y, 0, C);
    const given = [h, engine.sliceCols(dy, 0, C), engine.sliceCols(dy, C, C), z, before];
    const slopes = this.slopes(call, h);
    const [dz, dBefore, dIn] = slopes
      ? engine.map(unmixedAndPushed, [...given, slopes.sum], { parameters: [-2 * this.selfRepairScale, slopes.low] })
      : engine.map(unmixed, given);
    return { dz: dz!, dBefore: dBefore!, dIn: dIn! };
  }

  /** Every other minibatch: adds up statistics, and tells which units have a low mean slope: those with a sum under `low`. */
  private slopes(call: Call, h: Tensor): { sum: Tensor; low: number } | undefined {
    const { engine, statistics } = call;
    if (!call.training || new Random(call.draw()).uniform() > 0.5) return undefined;
    if (call.storeStatistics) {
      const [value, slope] = engine.mapSums(valueAndSlope, [h], [1]);
      statistics.add('value', value!);
      statistics.add('deriv', slope!);
      statistics.addCount('count', h.rows);
    }
    const count = statistics.count('count');
    const sum = statistics.sum('deriv');
    if (count <= 0 || !sum) return undefined;
    const low = this.selfRepairThreshold * count;
    if (call.storeStatistics) statistics.add('repaired', engine.map(isLow, [sum], { parameters: [low] })[0]!);
    return { sum, low };
  }

  override statistics(): HostStatistics {
    const times = (avg: Float32Array): Matrix => rowMatrix(avg.map((v) => v * this.count));
    const repaired = totalMatrix(this.cellDim, this.selfRepairTotal);
    return {
      sums: { value: times(this.valueAvg), deriv: times(this.derivAvg), repaired },
      counts: { count: this.count },
    };
  }

  override withStatistics({ sums, counts }: HostStatistics): this {
    const count = counts['count'] ?? 0;
    const mean = (name: string): Float32Array =>
      sums[name] && count > 0 ? sums[name].data.map((v) => v / count) : new Float32Array(this.cellDim);
    const selfRepairTotal = sums['repaired']?.data.reduce((a, b) => a + b, 0) ?? 0;
    return this.with({ count, selfRepairTotal, valueAvg: mean('value'), derivAvg: mean('deriv') } as Partial<this>);
  }

  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }
}

const statisticsFields: readonly Field[] = [
  field('<ValueAvg>', 'vector', 'valueAvg'),
  field('<DerivAvg>', 'vector', 'derivAvg'),
  field('<SelfRepairTotal>', 'double', 'selfRepairTotal'),
  field('<Count>', 'double', 'count'),
  field('<SelfRepairThreshold>', 'float', 'selfRepairThreshold'),
  field('<SelfRepairScale>', 'float', 'selfRepairScale'),
  field('<Alpha>', 'float', 'alpha'),
];

/**
 * The core of a gated recurrent unit (Cho et al., 2014). In: z, r, the input's part of h, the cells before c' and,
 * where they are projected, the state before s' (else s' = c'); out: h = tanh(hpart + W (s' . r)) and
 * c = (1 - z) h + z c'.
 */
export class GruNonlinearityComponent extends GruComponent {
  static override readonly type: string = 'GruNonlinearityComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<CellDim>', 'int', 'cellDim'),
    field('<RecurrentDim>', 'int', 'recurrentDim'),
    field('<w_h>', 'matrix', 'weights'),
    ...statisticsFields,
    field('<RankInOut>', 'int', ['rankIn', 'rankOut']),
    field('<UpdatePeriod>', 'int', 'updatePeriod'),
  ];
  recurrentDim = 0;
  weights: Matrix = matrix(0, 0);
  rankIn = 20;
  rankOut = 80;

  get inputDim(): number {
    const { cellDim, recurrentDim } = this;
    return 3 * cellDim + recurrentDim + (recurrentDim === cellDim ? 0 : recurrentDim);
  }

  configure({ config, random }: Start): void {
    this.configureCell(config, 4);
    this.recurrentDim = config.positive('recurrent-dim', this.cellDim);
    const { cellDim, recurrentDim } = this;
    const stddev = config.float('param-stddev', 1 / Math.sqrt(recurrentDim));
    this.weights = matrix(cellDim, recurrentDim, random.normals(cellDim * recurrentDim, 0, stddev));
    this.rankIn = config.positive('rank-in', 20);
    this.rankOut = config.positive('rank-out', 80);
  }

  parameters(): Record<string, Matrix> {
    return { weights: this.weights };
  }
  withParameters({ weights }: Readonly<Record<string, Matrix>>): this {
    return this.with({ weights: weights ?? this.weights } as Partial<this>);
  }
  override get naturalGradient(): NaturalGradientSettings {
    const { rankIn, rankOut, updatePeriod, alpha } = this;
    return { rankIn, rankOut, updatePeriod, numSamplesHistory: 2000, alphaIn: alpha, alphaOut: alpha };
  }

  private inputs(engine: Engine, x: Tensor): { z: Tensor; r: Tensor; part: Tensor; before: Tensor; state: Tensor } {
    const { cellDim: C, recurrentDim: R } = this;
    return {
      z: engine.sliceCols(x, 0, C),
      r: engine.sliceCols(x, C, R),
      part: engine.sliceCols(x, C + R, C),
      before: engine.sliceCols(x, 2 * C + R, C),
      state: engine.sliceCols(x, x.cols - R, R),
    };
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    const { z, r, part, before, state } = this.inputs(engine, x);
    const inner = engine.affine(engine.binary('mul', r, state), tensors['weights']!);
    return { y: this.mix(engine, z, part, inner, before) };
  }

  backprop(call: Call, { x, y, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine, tensors } = call;
    const { z, r, before, state } = this.inputs(engine, x);
    const { dz, dBefore, dIn } = this.unmix(call, y, dy, z, before);
    sink?.affine('weights', undefined, engine.binary('mul', r, state), dIn);
    if (!wanted) return undefined;
    const inner = engine.matmul(dIn, tensors['weights']!);
    const given = [dz, dIn, dBefore, inner, r, state];
    if (this.recurrentDim === this.cellDim) return engine.map(joined, given, { beside: 4 })[0];
    const [dr, dState] = [engine.binary('mul', inner, state), engine.binary('mul', inner, r)];
    return engine.concatCols([dz, dr, dIn, dBefore, dState]);
  }
}

/** The same with the gate at the output: h = tanh(hpart + w . c'), where w is a vector (Cheng et al., 2018). */
export class OutputGruNonlinearityComponent extends GruComponent {
  static override readonly type: string = 'OutputGruNonlinearityComponent';
  static override readonly fields: readonly Field[] = [
    ...updatableFields,
    field('<CellDim>', 'int', 'cellDim'),
    field('<w_h>', 'vector', 'weights'),
    ...statisticsFields,
    field('<Rank>', 'int', 'rank'),
    field('<UpdatePeriod>', 'int', 'updatePeriod'),
  ];
  weights: Float32Array = new Float32Array(0);
  rank = 8;

  get inputDim(): number {
    return 3 * this.cellDim;
  }

  configure({ config, random }: Start): void {
    this.configureCell(config, 10);
    this.weights = random.normals(this.cellDim, config.float('param-mean', 0), config.float('param-stddev', 1));
    this.rank = config.positive('rank', 8);
  }

  parameters(): Record<string, Matrix> {
    return { weights: rowMatrix(this.weights) };
  }
  withParameters({ weights }: Readonly<Record<string, Matrix>>): this {
    return this.with({ weights: weights?.data ?? this.weights } as Partial<this>);
  }
  override get naturalGradient(): NaturalGradientSettings {
    const { rank, updatePeriod, alpha } = this;
    return {
      rankIn: rank,
      rankOut: rank,
      updatePeriod,
      numSamplesHistory: 2000,
      alphaIn: alpha,
      alphaOut: alpha,
    };
  }

  private inputs(engine: Engine, x: Tensor): { z: Tensor; part: Tensor; before: Tensor } {
    const [z, part, before] = [0, 1, 2].map((k) => engine.sliceCols(x, k * this.cellDim, this.cellDim));
    return { z: z!, part: part!, before: before! };
  }

  propagate({ engine, tensors }: Call, x: Tensor): Propagated {
    const { z, part, before } = this.inputs(engine, x);
    const inner = engine.binary('mul', before, tensors['weights']!);
    return { y: this.mix(engine, z, part, inner, before) };
  }

  backprop(call: Call, { x, y, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine, tensors } = call;
    const { z, before } = this.inputs(engine, x);
    const { dz, dBefore, dIn } = this.unmix(call, y, dy, z, before);
    sink?.rows('weights', engine.binary('mul', before, dIn));
    if (!wanted) return undefined;
    const all = engine.binary('add', dBefore, engine.binary('mul', dIn, tensors['weights']!));
    return engine.concatCols([dz, dIn, all]);
  }
}
