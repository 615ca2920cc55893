import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field, flag } from '../fields.js';
import { timeOf } from '../indexes.js';
import { Random } from '../random.js';

/**
 * Dropout whose mask is shared over time: one a sequence, or one for each timePeriod frames. It is scaled so that
 * the mean stays: 0 or 1 / (1 - p), or, when continuous, uniform in [1 - 2p, 1 + 2p]. It can also zero regions of
 * neighbouring units, as SpecAugment does in frequency (Park et al., 2019).
 */
export class GeneralDropoutComponent extends Component {
  static override readonly type: string = 'GeneralDropoutComponent';
  static override readonly fields: readonly Field[] = [
    field('<Dim>', 'int', 'dim'),
    field('<BlockDim>', 'int', 'blockDim'),
    field('<TimePeriod>', 'int', 'timePeriod'),
    field('<DropoutProportion>', 'float', 'dropoutProportion'),
    field('<SpecAugmentMaxProportion>', 'float', 'specAugmentMaxProportion', {
      when: (c) => c.specAugmentMaxProportion !== 0,
    }),
    field('<SpecAugmentMaxRegions>', 'int', 'specAugmentMaxRegions', {
      when: (c) => c.specAugmentMaxProportion !== 0 && c.specAugmentMaxRegions !== 1,
    }),
    flag('<TestMode>', 'testMode'),
    flag('<Continuous>', 'continuous'),
  ];
  dim = 0;
  blockDim = 0;
  timePeriod = 0;
  dropoutProportion = 0.5;
  specAugmentMaxProportion = 0;
  specAugmentMaxRegions = 1;
  testMode = false;
  continuous = false;

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
    this.timePeriod = config.int('time-period', 0);
    this.dropoutProportion = config.float('dropout-proportion', 0.5);
    this.testMode = config.bool('test-mode', false);
    this.continuous = config.bool('continuous', false);
    this.specAugmentMaxProportion = config.float('specaugment-max-proportion', 0);
    this.specAugmentMaxRegions = config.positive('specaugment-max-regions', 1);
    if (this.specAugmentMaxProportion !== 0 && this.blockDim !== this.dim)
      config.fail(`expected no block-dim with specaugment-max-proportion, found block-dim=${this.blockDim}`);
  }

  override check(): void {
    if (this.blockDim < 1 || this.dim % this.blockDim)
      dimError(`${this.type}, BlockDim`, `a divisor of ${this.dim}`, this.blockDim);
  }

  propagate(call: Call, x: Tensor): Propagated {
    const idle = this.dropoutProportion === 0 && this.specAugmentMaxProportion === 0;
    if (!call.training || this.testMode || idle) return { y: x };
    const mask = this.mask(call);
    return { y: this.times(call, x, mask), memo: { mask } };
  }

  backprop(call: Call, { dy, memo, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    return memo ? this.times(call, dy, memo['mask']!) : dy;
  }

  /** Multiplies each row by its row of the mask. A mask for all of time is one long row of a wider matrix. */
  private times(call: Call, x: Tensor, mask: Tensor): Tensor {
    const { engine, rows } = call;
    if (this.timePeriod === 0) {
      const wide = engine.reshape(x, rows.outputs.length, rows.sequences * this.dim);
      return engine.reshape(engine.binary('mul', wide, mask), x.rows, this.dim);
    }
    const blocks = engine.reshape(x, (x.rows * this.dim) / this.blockDim, this.blockDim);
    const repeats = this.dim / this.blockDim;
    const periods = this.periods(call);
    const which = call.rowIndex('mask', () => {
      const index = new Int32Array(x.rows * repeats);
      for (let r = 0; r < x.rows; r++)
        index.fill(
          periods[Math.floor(r / rows.sequences)]! * rows.sequences + (r % rows.sequences),
          r * repeats,
          (r + 1) * repeats,
        );
      return index;
    });
    return engine.reshape(engine.binary('mul', blocks, engine.gatherRows(mask, which)), x.rows, this.dim);
  }

  /** Which stretch of timePeriod frames each block of rows is in, from 0. */
  private periods({ rows, prepared }: Call): number[] {
    return prepared(() => {
      const found = rows.outputs.map((i) => Math.floor(timeOf(i) / this.timePeriod));
      const first = Math.min(...found);
      return found.map((p) => p - first);
    });
  }

  /** 1 x (sequences * dim) for all of time; else a row of blockDim for each stretch and sequence. */
  private mask(call: Call): Tensor {
    const { engine, rows } = call;
    const count = this.timePeriod === 0 ? 1 : Math.max(...this.periods(call)) + 1;
    const height = count * rows.sequences;
    if (this.specAugmentMaxProportion !== 0) {
      const data = this.regions(new Random(call.draw()), height);
      return this.timePeriod === 0
        ? engine.tensor(1, height * this.dim, data)
        : engine.tensor(height, this.blockDim, data);
    }
    const p = this.dropoutProportion;
    const uniform = engine.randomUniform(height, this.blockDim, call.draw());
    const mask = this.continuous
      ? engine.scale(uniform, 4 * p, 1 - 2 * p)
      : engine.scale(engine.binary('greater', uniform, engine.full(1, 1, p)), 1 / (1 - p));
    if (this.timePeriod !== 0) return mask;
    const repeats = this.dim / this.blockDim;
    // Each sequence's row, once for each block of units.
    const whole = repeats === 1 ? mask : engine.concatCols(Array.from({ length: repeats }, () => mask));
    return engine.reshape(whole, 1, rows.sequences * this.dim);
  }

  /** Ones, and zeros in up to specAugmentMaxRegions stretches of units, anew for each row. */
  private regions(random: Random, height: number): Float32Array {
    const { dim } = this;
    const data = new Float32Array(height * dim).fill(1);
    for (let r = 0; r < height; r++) {
      const zeroed = random.int(0, Math.floor(this.specAugmentMaxProportion * dim));
      const count = Math.min(random.int(1, this.specAugmentMaxRegions), zeroed, dim - zeroed);
      if (count < 1) continue;
      const zeros = splitAtRandom(random, zeroed, count);
      const ones = splitAtRandom(random, dim - zeroed, count);
      // Regions alternate round a circle that starts anywhere, so that a region may stand at either edge.
      let at = random.int(0, dim - 1);
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < zeros[i]!; k++) data[r * dim + ((at + k) % dim)] = 0;
        at += zeros[i]! + ones[i]!;
      }
    }
    return data;
  }
}

/** Splits a length into `count` lengths of at least 1, all ways alike. */
export function splitAtRandom(random: Random, length: number, count: number): number[] {
  const cuts = new Set<number>();
  while (cuts.size < count - 1) cuts.add(random.int(1, length - 1));
  const edges = [0, ...[...cuts].sort((a, b) => a - b), length];
  return edges.slice(1).map((edge, i) => edge - edges[i]!);
}
