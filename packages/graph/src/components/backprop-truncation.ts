import { elementwise, type Tensor, type Value, type Writer } from '@jebena/engine';
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

// Of a row's squared norm and of whether it is at a boundary. Parameters: 1 / clippingThreshold^2, zeroingThreshold^2, 1.
const norms = (e: Writer, [squares, boundary]: readonly Value[]): { over: Value; zeroed: Value } => ({
  over: e.op('max', e.mul(squares!, e.parameter(0)), e.parameter(2)),
  zeroed: e.mul(e.op('greater', squares!, e.parameter(1)), boundary!),
});
/** What a row is multiplied by. */
const kept = elementwise(2, 3, (e, x) => {
  const { over, zeroed } = norms(e, x);
  return [e.mul(e.op('rsqrt', over), e.sub(e.parameter(2), zeroed))];
});
/** Whether a row is clipped, and whether it is zeroed. */
const truncated = elementwise(2, 3, (e, x) => {
  const { over, zeroed } = norms(e, x);
  return [e.op('greater', over, e.parameter(2)), zeroed];
});

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
    const clip = this.clippingThreshold > 0 ? this.clippingThreshold : 1e10;
    const zero = this.zeroingThreshold > 0 ? this.zeroingThreshold : 1e10;
    const boundary = call.column('boundaries', () => this.boundaries(call));
    const rows = [engine.dotCols(scaled, scaled), boundary];
    const parameters = [1 / (clip * clip), zero * zero, 1];
    if (call.storeStatistics) {
      const [clipped, zeroed] = engine.mapSums(truncated, rows, parameters);
      statistics.add('clipped', clipped!);
      statistics.add('zeroed', zeroed!);
      statistics.addCount('count', dy.rows);
      statistics.addCount(
        'boundaries',
        call.prepared(() => this.boundaries(call).reduce((a, b) => a + b, 0)),
      );
    }
    return engine.binary('mul', scaled, engine.map(kept, rows, { parameters })[0]!);
  }

  /** 1 for rows whose step crosses a multiple of the interval, which is shifted from sequence to sequence. */
  private boundaries({ rows }: Call): Float32Array {
    const interval = (t: number): number => Math.floor(t / this.zeroingInterval);
    const found = new Float32Array(rows.outputs.length * rows.sequences);
    rows.outputs.forEach((at, i) => {
      for (let n = 0; n < rows.sequences; n++) {
        const t = timeOf(at) - n;
        if (interval(t) !== interval(t - this.recurrenceInterval)) found[i * rows.sequences + n] = 1;
      }
    });
    return found;
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
