import type { Engine, Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field, old } from '../fields.js';
import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';

/** A row's mean square below this is taken for this (2^-66). */
const floor = 2 ** -66;

/** The dim, which old files call Dim. */
const inputDim: Field = {
  read(input: KaldiInput, into: Record<string, any>) {
    input.expectToken('<InputDim>', '<Dim>');
    into['inputDim'] = input.readInt32();
  },
  write(output: KaldiOutput, from: Record<string, any>) {
    output.writeToken('<InputDim>');
    output.writeInt32(from['inputDim']);
  },
};

/** y = targetRms * x / rms(x) for each row (or each block of it); the log of the rms may be appended. */
export class NormalizeComponent extends Component {
  static override readonly type: string = 'NormalizeComponent';
  static override readonly fields: readonly Field[] = [
    inputDim,
    field('<BlockDim>', 'int', 'writtenBlockDim', { when: (c) => c.writtenBlockDim !== 0 }),
    field('<TargetRms>', 'float', 'targetRms', { optional: true }),
    field('<AddLogStddev>', 'bool', 'addLogStddev', { optional: true }),
    old('<ValueAvg>', 'vector'),
    old('<DerivAvg>', 'vector'),
    old('<Count>', 'double'),
  ];
  inputDim = 0;
  /** 0 where it is the whole dim. */
  writtenBlockDim = 0;
  targetRms = 1;
  addLogStddev = false;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get blockDim(): number {
    return this.writtenBlockDim || this.inputDim;
  }
  get outputDim(): number {
    return this.inputDim + (this.addLogStddev ? this.inputDim / this.blockDim : 0);
  }

  configure({ config }: Start): void {
    this.inputDim = config.has('input-dim') ? config.positive('input-dim') : config.positive('dim');
    const block = config.positive('block-dim', this.inputDim);
    if (this.inputDim % block) config.fail(`expected block-dim to divide dim=${this.inputDim}, found ${block}`);
    this.writtenBlockDim = block === this.inputDim ? 0 : block;
    this.targetRms = config.float('target-rms', 1);
    this.addLogStddev = config.bool('add-log-stddev', false);
  }

  override check(): void {
    if (this.blockDim < 1 || this.inputDim % this.blockDim)
      dimError(`${this.type}, BlockDim`, `a divisor of ${this.inputDim}`, this.blockDim);
  }

  private blocks(engine: Engine, x: Tensor): Tensor {
    return this.writtenBlockDim === 0 ? x : engine.reshape(x, (x.rows * x.cols) / this.blockDim, this.blockDim);
  }

  /** Mean square of each row, before and after the floor. */
  private meanSquare(engine: Engine, x: Tensor): { raw: Tensor; floored: Tensor } {
    const raw = engine.scale(engine.sumCols(engine.unary('square', x)), 1 / this.blockDim);
    return { raw, floored: engine.binary('max', raw, engine.full(1, 1, floor)) };
  }

  propagate({ engine }: Call, input: Tensor): Propagated {
    const x = this.blocks(engine, input);
    const { floored } = this.meanSquare(engine, x);
    const y = engine.binary('mul', x, engine.scale(engine.unary('rsqrt', floored), this.targetRms));
    const whole = this.addLogStddev ? engine.concatCols([y, engine.scale(engine.unary('log', floored), 0.5)]) : y;
    return { y: whole.rows === input.rows ? whole : engine.reshape(whole, input.rows, this.outputDim) };
  }

  backprop({ engine }: Call, { x: input, dy: derivative, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const x = this.blocks(engine, input);
    const blockOut = this.blockDim + (this.addLogStddev ? 1 : 0);
    const all = x.rows === input.rows ? derivative : engine.reshape(derivative, x.rows, blockOut);
    const dy = this.addLogStddev ? engine.sliceCols(all, 0, this.blockDim) : all;
    const { raw, floored } = this.meanSquare(engine, x);
    const scale = engine.scale(engine.unary('rsqrt', floored), this.targetRms);
    // Where the floor holds, the scale does not depend on x.
    const free = engine.binary('greater', raw, engine.full(1, 1, floor));
    const dot = engine.sumCols(engine.binary('mul', x, dy));
    let slope = engine.scale(engine.binary('mul', dot, scale), -1);
    if (this.addLogStddev) slope = engine.binary('add', slope, engine.sliceCols(all, this.blockDim, 1));
    const back = engine.binary('div', engine.scale(engine.binary('mul', slope, free), 1 / this.blockDim), floored);
    const dx = engine.binary('add', engine.binary('mul', dy, scale), engine.binary('mul', x, back));
    return dx.rows === input.rows ? dx : engine.reshape(dx, input.rows, input.cols);
  }
}
