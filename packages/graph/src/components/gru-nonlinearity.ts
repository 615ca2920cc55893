import { elementwise, type Engine, type Tensor, type Value, type Writer } from '@jebena/engine';
import { type Matrix, matrix } from '@jebena/io-ark';
import {
  type Call,
  type HostStatistics,
  type Propagated,
  rowMatrix,
  type Start,
  totalMatrix,
  updatableFields,
} from '../component.js';
import type { ConfigLine } from '../config-line.js';
import { type Field, field } from '../fields.js';
import { type BackpropParts, PartedComponent } from '../parted-component.js';
import { Random } from '../random.js';
import type { NaturalGradientSettings } from '../trainable.js';

/** (h, c) side by side, with h = tanh(part + inner) and c = (1 - z) h + z c': one pass. */
const mixed = elementwise(4, 0, (e, [part, inner, z, before]) => {
  const h = e.op('tanh', e.add(part!, inner!));
  return [h, e.mulAdd(z!, e.sub(before!, h), h)];
});
/** Derivatives of z, of c' and of h. */
const apart = (e: Writer, [h, dh, dc, z, before]: readonly Value[]): { dz: Value; dBefore: Value; whole: Value } => {
  const dBefore = e.mul(dc!, z!);
  return { dz: e.mul(dc!, e.sub(before!, h!)), dBefore, whole: e.add(dh!, e.sub(dc!, dBefore)) };
};
/** Derivatives of z, of c' and of what goes into the tanh. */
const unmixed = elementwise(5, 0, (e, x) => {
  const { dz, dBefore, whole } = apart(e, x);
  return [dz, dBefore, e.op('tanhGrad', x[0]!, whole)];
});
/** The same, where units whose sum of slopes is under parameter 1 are pushed by parameter 0. */
const unmixedAndPushed = elementwise(6, 2, (e, x) => {
  const { dz, dBefore, whole } = apart(e, x);
  const [h, slopes] = [x[0]!, x[5]!];
  const low = e.op('less', slopes, e.parameter(1));
  return [dz, dBefore, e.mulAdd(e.mul(h, low), e.parameter(0), e.op('tanhGrad', h, whole))];
});

/** Derivatives of r, and of c' where that is s' too. */
const gated = elementwise(4, 0, (e, [inner, r, state, dBefore]) => [
  e.mul(inner!, state!),
  e.mulAdd(inner!, r!, dBefore!),
]);

const valueAndSlope = elementwise(1, 1, (e, [h]) => [h!, e.sub(e.parameter(0), e.mul(h!, h!))]);
const isLow = elementwise(1, 1, (e, [slopes]) => [e.op('less', slopes!, e.parameter(0))]);

/** What both kinds of GRU share: a tanh with statistics and self-repair, and how cells are mixed. */
abstract class GruComponent extends PartedComponent {
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

  get outputDims(): readonly number[] {
    return [this.cellDim, this.cellDim];
  }

  /** (h, c) with c = (1 - z) h + z c'. */
  protected mix(engine: Engine, z: Tensor, part: Tensor, inner: Tensor, before: Tensor): Tensor {
    return engine.map(mixed, [part, inner, z, before], { beside: 2 })[0]!;
  }

  /** Derivatives of {@link mix}: of z, of c' and of what goes into the tanh. */
  protected unmix(
    call: Call,
    y: Tensor,
    [dh, dc]: readonly (Tensor | undefined)[],
    z: Tensor,
    before: Tensor,
  ): { dz: Tensor; dBefore: Tensor; dIn: Tensor } {
    const { engine } = call;
    const h = engine.sliceCols(y, 0, this.cellDim);
    // Nothing but statistics may read h.
    const zero = call.column('zero', () => new Float32Array(1));
    const given = [h, dh ?? zero, dc ?? zero, z, before];
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

  get partDims(): readonly number[] {
    const { cellDim: C, recurrentDim: R } = this;
    return R === C ? [C, R, C, C] : [C, R, C, C, R];
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

  propagateParts({ engine, tensors }: Call, [z, r, part, before, state = before]: readonly Tensor[]): Propagated {
    const gatedState = engine.binary('mul', r!, state!);
    const inner = engine.affine(gatedState, tensors['weights']!);
    return { y: this.mix(engine, z!, part!, inner, before!), memo: { gatedState } };
  }

  backpropParts(call: Call, { xs, y, dys, memo, sink, wanted }: BackpropParts): readonly Tensor[] | undefined {
    const { engine, tensors } = call;
    const [z, r, , before, state = before] = xs;
    const { dz, dBefore, dIn } = this.unmix(call, y, dys, z!, before!);
    sink?.affine('weights', undefined, memo!['gatedState']!, dIn);
    if (!wanted) return undefined;
    const inner = engine.matmul(dIn, tensors['weights']!);
    if (state === before) {
      const [dr, dState] = engine.map(gated, [inner, r!, state!, dBefore]);
      return [dz, dr!, dIn, dState!];
    }
    return [dz, engine.binary('mul', inner, state!), dIn, dBefore, engine.binary('mul', inner, r!)];
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

  get partDims(): readonly number[] {
    return [this.cellDim, this.cellDim, this.cellDim];
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

  propagateParts({ engine, tensors }: Call, [z, part, before]: readonly Tensor[]): Propagated {
    const inner = engine.binary('mul', before!, tensors['weights']!);
    return { y: this.mix(engine, z!, part!, inner, before!) };
  }

  backpropParts(call: Call, { xs, y, dys, sink, wanted }: BackpropParts): readonly Tensor[] | undefined {
    const { engine, tensors } = call;
    const [z, , before] = xs;
    const { dz, dBefore, dIn } = this.unmix(call, y, dys, z!, before!);
    sink?.rows('weights', engine.binary('mul', before!, dIn));
    if (!wanted) return undefined;
    return [dz, dIn, engine.binary('add', dBefore, engine.binary('mul', dIn, tensors['weights']!))];
  }
}
