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
import { timeOf } from '../indexes.js';

/**
 * y = scale * x. Backwards, each row of the derivative is clipped to a norm, and every zeroingInterval frames rows
 * whose norm is above zeroingThreshold are zeroed, which keeps recurrences from blowing up.
 */
export class BackpropTruncationComponent extends Component {
  static override readonly type: string = 'BackpropTruncationComponent';
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    field('<Scale>', 'float', 'scale', { optional: true }),
    field('<ClippingThreshold>', 'float', 'clippingThreshold'),
    field('<ZeroingThreshold>', 'float', 'zeroingThreshold'),
    field('<ZeroingInterval>', 'int', 'zeroingInterval'),
    field('<RecurrenceInterval>', 'int', 'recurrenceInterval'),
    field('<NumElementsClipped>', 'double', 'numClipped'),
    field('<NumElementsZeroed>', 'double', 'numZeroed'),
    field('<NumElementsProcessed>', 'double', 'count'),
    field('<NumZeroingBoundaries>', 'double', 'zeroingBoundaries'),
  ];
  dim = 0;
  scale = 1;
  clippingThreshold = 30;
  zeroingThreshold = 15;
  zeroingInterval = 20;
  recurrenceInterval = 1;
  numClipped = 0;
  numZeroed = 0;
  count = 0;
  zeroingBoundaries = 0;

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure({ config }: Start): void {
    this.dim = config.positive('dim');
    this.scale = config.float('scale', 1);
    this.clippingThreshold = config.float('clipping-threshold', 30);
    this.zeroingThreshold = config.float('zeroing-threshold', 15);
    this.zeroingInterval = config.positive('zeroing-interval', 20);
    this.recurrenceInterval = config.positive('recurrence-interval', 1);
  }

  propagate({ engine }: Call, x: Tensor): Propagated {
    return { y: this.scale === 1 ? x : engine.scale(x, this.scale) };
  }

  backprop(call: Call, { dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine, statistics } = call;
    const scaled = this.scale === 1 ? dy : engine.scale(dy, this.scale);
    const squares = engine.sumCols(engine.unary('square', scaled));
    const clip = this.clippingThreshold > 0 ? this.clippingThreshold : 1e10;
    const zero = this.zeroingThreshold > 0 ? this.zeroingThreshold : 1e10;
    const over = engine.binary('max', engine.scale(squares, 1 / (clip * clip)), engine.full(1, 1, 1));
    let keep = engine.unary('rsqrt', over);
    const boundaries = this.boundaries(call);
    const boundary = boundaries.reduce((a, b) => a + b, 0);
    if (call.storeStatistics) {
      statistics.add('clipped', engine.sumAll(engine.binary('greater', over, engine.full(1, 1, 1))));
      statistics.addCount('count', dy.rows);
      statistics.addCount('boundaries', boundary);
    }
    if (boundary > 0) {
      const large = engine.binary('greater', squares, engine.full(1, 1, zero * zero));
      const zeroed = engine.binary('mul', large, engine.tensor(dy.rows, 1, boundaries));
      if (call.storeStatistics) statistics.add('zeroed', engine.sumAll(zeroed));
      keep = engine.binary('mul', keep, engine.scale(zeroed, -1, 1));
    }
    return engine.binary('mul', scaled, keep);
  }

  /** 1 for rows whose step crosses a multiple of the interval, which is shifted from sequence to sequence. */
  private boundaries({ rows, prepared }: Call): Float32Array {
    const interval = (t: number): number => Math.floor(t / this.zeroingInterval);
    return prepared(() => {
      const found = new Float32Array(rows.outputs.length * rows.sequences);
      rows.outputs.forEach((at, i) => {
        for (let n = 0; n < rows.sequences; n++) {
          const t = timeOf(at) - n;
          if (interval(t) !== interval(t - this.recurrenceInterval)) found[i * rows.sequences + n] = 1;
        }
      });
      return found;
    });
  }

  override statistics(): HostStatistics {
    const { count, zeroingBoundaries: boundaries, numClipped, numZeroed } = this;
    const sums = {
      clipped: rowMatrix(Float32Array.of(numClipped)),
      zeroed: rowMatrix(Float32Array.of(numZeroed)),
    };
    return { sums, counts: { count, boundaries } };
  }

  override withStatistics({ sums, counts }: HostStatistics): this {
    const { count = 0, boundaries = 0 } = counts;
    return this.with({
      count,
      zeroingBoundaries: boundaries,
      numClipped: sums['clipped']?.data[0] ?? 0,
      numZeroed: sums['zeroed']?.data[0] ?? 0,
    } as Partial<this>);
  }

  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }
}
