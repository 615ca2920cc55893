import type { Tensor } from '@jebena/engine';
import {
  type Backprop,
  type Call,
  Component,
  type HostStatistics,
  type Propagated,
  rowMatrix,
  type Start,
} from '../component.js';
import { type Field, field } from '../fields.js';
import { Random } from '../random.js';

/**
 * y = x; the derivative is clipped, by its norm or value by value. Where many rows are clipped, x is pushed towards
 * selfRepairTarget, on every other minibatch; the derivative keeps its mean norm. BackpropTruncation took its place.
 */
export class ClipGradientComponent extends Component {
  static override readonly type: string = 'ClipGradientComponent';
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    field('<ClippingThreshold>', 'float', 'clippingThreshold'),
    field('<NormBasedClipping>', 'bool', 'normBased'),
    field('<SelfRepairClippedProportionThreshold>', 'float', 'repairThreshold', { optional: true, when: () => true }),
    field('<SelfRepairTarget>', 'float', 'repairTarget', { optional: true, when: () => true }),
    field('<SelfRepairScale>', 'float', 'repairScale', { optional: true, when: () => true }),
    field('<NumElementsClipped>', 'int', 'numClipped'),
    field('<NumElementsProcessed>', 'int', 'count'),
    field('<NumSelfRepaired>', 'int', 'numSelfRepaired', { optional: true, when: () => true }),
    field('<NumBackpropped>', 'int', 'numBackpropped', { optional: true, when: () => true }),
  ];
  dim = 0;
  clippingThreshold = 15;
  normBased = false;
  /** Old files do not hold these three and do not repair. */
  repairThreshold = 1;
  repairTarget = 0;
  repairScale = 0;
  numClipped = 0;
  count = 0;
  numSelfRepaired = 0;
  numBackpropped = 0;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure({ config }: Start): void {
    this.dim = config.positive('dim');
    const notNegative = (key: string, fallback: number): number => {
      const value = config.float(key, fallback);
      if (value < 0) config.fail(`expected ${key} of at least 0, found ${value}`);
      return value;
    };
    this.clippingThreshold = notNegative('clipping-threshold', 15);
    this.normBased = config.bool('norm-based-clipping', false);
    this.repairThreshold = notNegative('self-repair-clipped-proportion-threshold', 0.01);
    this.repairTarget = notNegative('self-repair-target', 0);
    this.repairScale = notNegative('self-repair-scale', 1);
  }

  override statistics(): HostStatistics {
    const { numClipped, count, numSelfRepaired, numBackpropped } = this;
    return {
      sums: { clipped: rowMatrix(Float32Array.of(numClipped)) },
      counts: { count, numSelfRepaired, numBackpropped },
    };
  }
  override withStatistics({ sums, counts }: HostStatistics): this {
    const { count = 0, numSelfRepaired = 0, numBackpropped = 0 } = counts;
    const numClipped = Math.round(sums['clipped']?.data[0] ?? 0);
    return this.with({ numClipped, count, numSelfRepaired, numBackpropped } as Partial<this>);
  }
  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }

  propagate(_call: Call, x: Tensor): Propagated {
    return { y: x };
  }

  backprop(call: Call, { x, dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine, statistics } = call;
    const limit = this.clippingThreshold;
    if (limit === 0) return engine.zeros(dy.rows, dy.cols);
    if (!this.normBased) {
      const clipped = engine.clamp(dy, -limit, limit);
      if (!call.training) return clipped;
      statistics.addCount('numBackpropped', 1);
      return this.repaired(call, x, clipped);
    }
    const norms = rowNorms(call, dy);
    const clipped = engine.binary('mul', dy, engine.binary('min', over(call, limit, norms), engine.full(1, 1, 1)));
    if (!call.training) return clipped;
    statistics.add('clipped', engine.sumAll(engine.binary('greater', norms, engine.full(1, 1, limit))));
    statistics.addCount('count', dy.rows);
    statistics.addCount('numBackpropped', 1);
    return this.repaired(call, x, clipped);
  }

  private repaired(call: Call, x: Tensor, dx: Tensor): Tensor {
    const { engine, statistics } = call;
    const count = statistics.count('count');
    const clipped = statistics.sum('clipped');
    if (this.repairThreshold >= 1 || this.repairScale === 0 || count === 0 || !clipped) return dx;
    if (new Random(call.draw()).uniform() > 0.5) return dx;
    const proportion = engine.scale(clipped, 1 / count);
    // What goes beyond the target, towards 0; on average its rows are as long as the proportion of dx's rows asks.
    const excess = engine.unary('relu', engine.scale(engine.unary('abs', x), 1, -this.repairTarget));
    const push = engine.binary('mul', excess, engine.unary('sign', x));
    const norm = engine.sumAll(rowNorms(call, dx));
    const pushNorm = engine.sumAll(rowNorms(call, push));
    const wish = engine.scale(engine.binary('mul', proportion, norm), 2 * this.repairScale);
    const moved = engine.binary('sub', dx, engine.binary('mul', push, quotient(call, wish, pushNorm)));
    const movedNorm = engine.sumAll(rowNorms(call, moved));
    const kept = engine.binary('mul', moved, quotient(call, norm, movedNorm));
    // Only where more rows than the threshold were clipped; known on the engine alone, so it is chosen there.
    const repair = engine.binary('greater', proportion, engine.full(1, 1, this.repairThreshold));
    statistics.addCount('numSelfRepaired', 1);
    const by = (mask: Tensor, t: Tensor): Tensor => engine.binary('mul', t, mask);
    return engine.binary('add', by(repair, kept), by(engine.scale(repair, -1, 1), dx));
  }
}

const rowNorms = ({ engine }: Call, t: Tensor): Tensor =>
  engine.unary('sqrt', engine.sumCols(engine.unary('square', t)));

/** limit / norms, where a norm of 0 counts as 1e-20. */
const over = ({ engine }: Call, limit: number, norms: Tensor): Tensor =>
  engine.binary('div', engine.full(1, 1, limit), engine.binary('max', norms, engine.full(1, 1, 1e-20)));

/** a / b of 1 x 1, 0 where b is. */
const quotient = ({ engine }: Call, a: Tensor, b: Tensor): Tensor =>
  engine.binary(
    'div',
    engine.binary('mul', a, engine.unary('sign', b)),
    engine.binary('max', b, engine.full(1, 1, 1e-20)),
  );
