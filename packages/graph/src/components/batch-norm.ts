import {
  batchNormGrad,
  elementwise,
  type Engine,
  normalize,
  normalizer,
  normalizerSlope,
  type Tensor,
} from '@jebena/engine';
import type { Matrix } from '@jebena/io-ark';
import {
  type Backprop,
  type Call,
  Component,
  dimError,
  type HostStatistics,
  type Propagated,
  type Start,
} from '../component.js';
import { NetworkError } from '../errors.js';
import { type Field, field } from '../fields.js';

const affine = elementwise(3, 0, (e, [x, scale, offset]) => [e.mulAdd(x!, scale!, offset!)]);
/** Sums of x and of x^2 from mean and variance. */
const sums = elementwise(2, 1, (e, [mean, variance]) => {
  const rows = e.parameter(0);
  return [e.mul(mean!, rows), e.mul(e.mulAdd(mean!, mean!, variance!), rows)];
});

/**
 * y = targetRms * (x - mean) / sqrt(var + epsilon), a mean and variance for each unit (or for each of blockDim
 * units that share a filter). No learned scale or offset. Training takes the minibatch's own; otherwise those of
 * the statistics are taken (Ioffe and Szegedy, 2015).
 */
export class BatchNormComponent extends Component {
  static override readonly type: string = 'BatchNormComponent';
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    field('<BlockDim>', 'int', 'blockDim'),
    field('<Epsilon>', 'float', 'epsilon'),
    field('<TargetRms>', 'float', 'targetRms'),
    field('<TestMode>', 'bool', 'testMode'),
    field('<Count>', 'double', 'count'),
    field('<StatsMean>', 'vector', 'mean'),
    field('<StatsVar>', 'vector', 'variance'),
  ];
  dim = 0;
  blockDim = 0;
  epsilon = 1e-3;
  targetRms = 1;
  testMode = false;
  count = 0;
  mean: Float32Array = new Float32Array(0);
  variance: Float32Array = new Float32Array(0);
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get inputDim(): number {
    return this.dim;
  }
  get outputDim(): number {
    return this.dim;
  }

  configure({ config }: Start): void {
    this.dim = config.positive('dim');
    this.blockDim = config.positive('block-dim', this.dim);
    if (this.dim % this.blockDim) config.fail(`expected block-dim to divide dim=${this.dim}, found ${this.blockDim}`);
    this.epsilon = config.float('epsilon', 1e-3);
    if (this.epsilon <= 0) config.fail(`expected epsilon above 0, found ${this.epsilon}`);
    this.targetRms = config.float('target-rms', 1);
    if (this.targetRms <= 0) config.fail(`expected target-rms above 0, found ${this.targetRms}`);
    this.testMode = config.bool('test-mode', false);
    this.mean = new Float32Array(this.blockDim);
    this.variance = new Float32Array(this.blockDim);
  }

  override check(): void {
    if (this.blockDim < 1 || this.dim % this.blockDim)
      dimError(`${this.type}, BlockDim`, `a divisor of ${this.dim}`, this.blockDim);
    if (this.mean.length !== this.blockDim || this.variance.length !== this.blockDim)
      dimError(`${this.type}, statistics`, this.blockDim, `${this.mean.length} and ${this.variance.length}`);
  }

  private blocks(engine: Engine, t: Tensor): Tensor {
    return this.blockDim === this.dim ? t : engine.reshape(t, (t.rows * this.dim) / this.blockDim, this.blockDim);
  }

  /** The way back from {@link blocks}. */
  private unblocked(engine: Engine, t: Tensor): Tensor {
    return this.blockDim === this.dim ? t : engine.reshape(t, (t.rows * this.blockDim) / this.dim, this.dim);
  }

  /** The scale, 1 x blockDim, from a variance. */
  private scaleOf(engine: Engine, variance: Tensor): Tensor {
    return engine.scale(engine.unary('rsqrt', engine.scale(variance, 1, this.epsilon)), this.targetRms);
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, statistics } = call;
    const blocks = this.blocks(engine, x);
    if (!call.training || this.testMode) {
      const { scale, offset } = this.stored(call);
      // The scale is kept for all passes: a pass that is done with its memo would free it.
      return { y: this.unblocked(engine, engine.map(affine, [blocks, scale, offset])[0]!) };
    }
    const norm = normalizer(engine, blocks, this);
    const { mean, variance, scale } = norm;
    if (call.storeStatistics) {
      const [sum, squares] = engine.map(sums, [mean, variance], { parameters: [blocks.rows] });
      statistics.add('sum', sum!);
      statistics.add('squares', squares!);
      statistics.addCount('count', blocks.rows);
    }
    const memo = { mean, scale };
    // Normalising then is a part of the sum that alone reads it.
    if (call.intoSum && blocks === x) return { y: x, memo, pending: memo };
    return { y: this.unblocked(engine, normalize(engine, blocks, norm)), memo };
  }

  /** The scale and offset that the statistics give. */
  private stored({ engine, statistics, derived }: Call): { scale: Tensor; offset: Tensor } {
    const count = statistics.count('count');
    const sum = statistics.sum('sum');
    const squares = statistics.sum('squares');
    if (count <= 0 || !sum || !squares)
      throw new NetworkError('ERR_NOT_COMPUTABLE', `${this.type} in test mode: expected statistics, found none`);
    const mean = (): Tensor => engine.scale(sum, 1 / count);
    const scale = derived('scale', () =>
      this.scaleOf(
        engine,
        engine.unary('relu', engine.binary('sub', engine.scale(squares, 1 / count), engine.unary('square', mean()))),
      ),
    );
    return { scale, offset: derived('offset', () => engine.scale(engine.binary('mul', mean(), scale), -1)) };
  }

  backprop(call: Call, { x, dy, memo, wanted, leave }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine } = call;
    const dyBlocks = this.blocks(engine, dy);
    if (!call.training || this.testMode)
      return this.unblocked(engine, engine.binary('mul', dyBlocks, this.stored(call).scale));
    const norm = memo as { mean: Tensor; scale: Tensor };
    const blocks = this.blocks(engine, x);
    if (!leave) return this.unblocked(engine, batchNormGrad(engine, blocks, norm, dyBlocks, this));
    leave(normalizerSlope(engine, blocks, norm, dyBlocks, this));
    return dy;
  }

  override statistics(): HostStatistics {
    const { count, mean, variance } = this;
    const row = (f: (i: number) => number): Matrix => ({
      rows: 1,
      cols: this.blockDim,
      data: Float32Array.from(mean, (_, i) => count * f(i)),
    });
    const sums = { sum: row((i) => mean[i]!), squares: row((i) => variance[i]! + mean[i]! * mean[i]!) };
    return { sums, counts: { count } };
  }

  override withStatistics({ sums, counts }: HostStatistics): this {
    const count = counts['count'] ?? 0;
    const mean = new Float32Array(this.blockDim);
    const variance = new Float32Array(this.blockDim);
    if (count > 0)
      for (let i = 0; i < this.blockDim; i++) {
        const m = (sums['sum']?.data[i] ?? 0) / count;
        mean[i] = m;
        variance[i] = Math.max(0, (sums['squares']?.data[i] ?? 0) / count - m * m);
      }
    return this.with({ count, mean, variance } as Partial<this>);
  }

  override withoutStatistics(): this {
    return this.withStatistics({ sums: {}, counts: {} });
  }
}
