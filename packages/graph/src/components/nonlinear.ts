import type { ElementwiseProgram, Tensor } from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  Component,
  type HostStatistics,
  rowMatrix,
  type Start,
  totalMatrix,
} from '../component.js';
import { type Field, field } from '../fields.js';
import { Random } from '../random.js';

const unset = -1000;

/**
 * What the elementwise nonlinearities share: statistics of their outputs and derivatives, and self-repair, which
 * pushes units that are stuck back (nnet-component-itf.cc, NonlinearComponent).
 */
export abstract class NonlinearComponent extends Component {
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    field('<BlockDim>', 'int', 'writtenBlockDim', { when: (c) => c.blockDim !== c.dim }),
    field('<ValueAvg>', 'vector', 'valueAvg', { optional: true }),
    field('<DerivAvg>', 'vector', 'derivAvg', { optional: true }),
    field('<Count>', 'double', 'count', { optional: true }),
    field('<OderivRms>', 'vector', 'oderivRms', { optional: true }),
    field('<OderivCount>', 'double', 'oderivCount', { optional: true }),
    field('<NumDimsSelfRepaired>', 'double', 'numDimsSelfRepaired', { optional: true }),
    field('<NumDimsProcessed>', 'double', 'numDimsProcessed', { optional: true }),
    field('<SelfRepairLowerThreshold>', 'float', 'selfRepairLower', { when: (c) => c.selfRepairLower !== unset }),
    field('<SelfRepairUpperThreshold>', 'float', 'selfRepairUpper', { when: (c) => c.selfRepairUpper !== unset }),
    field('<SelfRepairScale>', 'float', 'selfRepairScale', { when: (c) => c.selfRepairScale !== 0 }),
  ];
  dim = 0;
  /** 0 on disk where it is the whole dim. */
  writtenBlockDim = 0;
  valueAvg: Float32Array = new Float32Array(0);
  derivAvg: Float32Array = new Float32Array(0);
  count = 0;
  oderivRms: Float32Array = new Float32Array(0);
  oderivCount = 0;
  numDimsSelfRepaired = 0;
  numDimsProcessed = 0;
  selfRepairLower = unset;
  selfRepairUpper = unset;
  selfRepairScale = 0;
  override readonly needs: { x: boolean; y: boolean } = { x: false, y: true };

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }
  get blockDim(): number {
    return this.writtenBlockDim || this.dim;
  }

  configure({ config }: Start): void {
    this.dim = config.positive('dim');
    const block = config.positive('block-dim', this.dim);
    if (this.dim % block) config.fail(`expected block-dim to divide dim=${this.dim}, found ${block}`);
    this.writtenBlockDim = block === this.dim ? 0 : block;
    this.selfRepairLower = config.float('self-repair-lower-threshold', unset);
    this.selfRepairUpper = config.float('self-repair-upper-threshold', unset);
    this.selfRepairScale = config.float('self-repair-scale', 0);
  }

  /** y and dy/dx from y (and the number 1, its parameter), or undefined where no statistics of the slope are kept. */
  protected readonly valueAndSlope: ElementwiseProgram | undefined = undefined;

  /** Adds up outputs and slopes, for every other minibatch (always for the first), as Kaldi does. */
  protected store(call: Call, y: Tensor): void {
    if (!call.storeStatistics) return;
    const { engine, statistics } = call;
    if (new Random(call.draw()).uniform() < 0.5 && statistics.count('count') > 0) return;
    if (this.valueAndSlope) {
      const [value, deriv] = engine.mapSums(this.valueAndSlope, [y], [1]);
      statistics.add('value', value!);
      statistics.add('deriv', deriv!);
    } else statistics.add('value', engine.sumRows(y));
    statistics.addCount('count', y.rows);
  }

  /** Adds up squared derivatives of the output (what `squares` gives), for about one minibatch in four. */
  protected storeBackprop(call: Call, dy: Tensor, squares = (): Tensor => call.engine.dotRows(dy, dy)): void {
    if (!call.storeStatistics) return;
    const { statistics } = call;
    if (new Random(call.draw()).uniform() < 0.75 && statistics.count('oderivCount') > 0) return;
    statistics.add('oderiv', squares());
    statistics.addCount('oderivCount', dy.rows);
  }

  /**
   * The sum of each unit's slopes, and of how many, where this minibatch is one to repair (one in two), else undefined. The
   * repair is to be scaled by twice the self-repair scale, which makes up for those left out.
   */
  protected slopes(call: Call): { sum: Tensor; count: number } | undefined {
    const { statistics } = call;
    const count = statistics.count('count');
    const sum = statistics.sum('deriv');
    if (!call.training || this.selfRepairScale === 0 || count === 0 || !sum) return undefined;
    if (new Random(call.draw()).uniform() >= 0.5) return undefined;
    return { sum, count };
  }

  /** How many units are repaired, or not, each by itself. */
  protected get repairedUnits(): number {
    return this.dim;
  }

  abstract override backprop(call: Call, back: Backprop): Tensor | undefined;

  override statistics(): HostStatistics {
    const times = (avg: Float32Array, by: number): Matrix => rowMatrix(avg.map((v) => v * by));
    const sums: Record<string, Matrix> = {};
    // What a file holds for another number of units is of no use, as in Kaldi: then counting starts anew.
    const fits = (avg: Float32Array): boolean => avg.length === this.dim;
    if (fits(this.valueAvg)) sums['value'] = times(this.valueAvg, this.count);
    if (fits(this.derivAvg)) sums['deriv'] = times(this.derivAvg, this.count);
    if (fits(this.oderivRms)) sums['oderiv'] = rowMatrix(this.oderivRms.map((v) => v * v * this.oderivCount));
    const { numDimsProcessed, numDimsSelfRepaired } = this;
    sums['repaired'] = totalMatrix(this.repairedUnits, numDimsSelfRepaired);
    const count = sums['value'] ? this.count : 0;
    const oderivCount = sums['oderiv'] ? this.oderivCount : 0;
    return { sums, counts: { count, oderivCount, numDimsProcessed } };
  }

  override withStatistics({ sums, counts }: HostStatistics): this {
    const { count = 0, oderivCount = 0, numDimsProcessed = 0 } = counts;
    const mean = (name: string, by: number): Float32Array =>
      sums[name] && by > 0 ? sums[name].data.map((v) => v / by) : new Float32Array(0);
    return this.with({
      count,
      oderivCount,
      numDimsProcessed,
      numDimsSelfRepaired: sums['repaired']?.data.reduce((a, b) => a + b, 0) ?? 0,
      valueAvg: mean('value', count),
      derivAvg: mean('deriv', count),
      oderivRms: mean('oderiv', oderivCount).map(Math.sqrt),
    } as Partial<this>);
  }

  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }

  protected threshold(written: number, fallback: number): number {
    return written === unset ? fallback : written;
  }
}
