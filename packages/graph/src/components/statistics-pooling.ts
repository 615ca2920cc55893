import type { Engine, Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { type Index, shift, timeOf } from '../indexes.js';

/**
 * Means (and standard deviations) over a window of time, of what StatisticsExtraction added up:
 * (log counts, mean of x, deviation of x). What is not there is left out; something must be.
 */
export class StatisticsPoolingComponent extends Component {
  static override readonly type: string = 'StatisticsPoolingComponent';
  static override readonly fields: readonly Field[] = [
    field('<InputDim>', 'int', 'inputDim'),
    field('<InputPeriod>', 'int', 'inputPeriod'),
    field('<LeftContext>', 'int', 'leftContext'),
    field('<RightContext>', 'int', 'rightContext'),
    field('<NumLogCountFeatures>', 'int', 'numLogCountFeatures'),
    field('<OutputStddevs>', 'bool', 'outputStddevs'),
    field('<VarianceFloor>', 'float', 'varianceFloor'),
  ];
  inputDim = 0;
  inputPeriod = 1;
  leftContext = 0;
  rightContext = 0;
  numLogCountFeatures = 0;
  outputStddevs = false;
  varianceFloor = 1e-10;
  override readonly simple = false;
  override readonly needs: { x: boolean; y: boolean } = { x: false, y: true };

  get outputDim(): number {
    return this.inputDim - 1 + this.numLogCountFeatures;
  }

  configure({ config }: Start): void {
    this.inputDim = config.positive('input-dim');
    this.inputPeriod = config.positive('input-period', 1);
    this.leftContext = config.int('left-context');
    this.rightContext = config.int('right-context');
    this.numLogCountFeatures = config.int('num-log-count-features', 0);
    this.outputStddevs = config.bool('output-stddevs', false);
    this.varianceFloor = config.float('variance-floor', 1e-10);
    const wrong = this.problem();
    if (wrong) config.fail(wrong);
  }

  private problem(): string | undefined {
    const { inputPeriod: period, leftContext: left, rightContext: right } = this;
    if (period < 1 || left < 0 || right < 0 || left % period || right % period || left + right === 0)
      return `expected contexts that are multiples of input-period=${period}, found ${left} and ${right}`;
    if (this.inputDim < 2 || (this.outputStddevs && this.inputDim % 2 === 0))
      return `expected an input of a count, sums and, for stddevs, as many squares, found dim ${this.inputDim}`;
    if (this.numLogCountFeatures < 0 || this.varianceFloor <= 0)
      return `expected num-log-count-features of at least 0 and variance-floor above 0, found otherwise`;
    return undefined;
  }

  override check(): void {
    const wrong = this.problem();
    if (wrong) dimError(this.type, 'settings that fit', wrong);
  }

  override get modulus(): number {
    return this.inputPeriod;
  }

  override inputIndexes(output: Index): readonly Index[] {
    const count = (this.leftContext + this.rightContext) / this.inputPeriod + 1;
    return Array.from({ length: count }, (_, i) => shift(output, i * this.inputPeriod - this.leftContext));
  }

  override usedIndexes(output: Index, available: (input: Index) => boolean): readonly Index[] | undefined {
    if (timeOf(output) % this.inputPeriod !== 0) return undefined;
    const used = this.inputIndexes(output).filter(available);
    return used.length ? used : undefined;
  }

  /** outputs x inputs: 1 where an input is in an output's window. One product then sums all windows. */
  private windows({ rows, prepared }: Call): Float32Array {
    return prepared(() => {
      const { inputs, outputs } = rows;
      const places = new Map(inputs.map((at, i) => [at, i]));
      const windows = new Float32Array(outputs.length * inputs.length);
      outputs.forEach((at, o) => {
        for (const input of this.inputIndexes(at)) {
          const i = places.get(input);
          if (i !== undefined) windows[o * inputs.length + i] = 1;
        }
      });
      return windows;
    });
  }

  private wide(engine: Engine, t: Tensor, blocks: number): Tensor {
    return engine.reshape(t, blocks, (t.rows * t.cols) / blocks);
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, rows } = call;
    const windows = engine.tensor(rows.outputs.length, rows.inputs.length, this.windows(call));
    const sums = engine.matmul(windows, this.wide(engine, x, rows.inputs.length));
    const pooled = engine.reshape(sums, rows.outputs.length * rows.sequences, this.inputDim);
    const count = engine.sliceCols(pooled, 0, 1);
    const means = engine.binary('div', engine.sliceCols(pooled, 1, this.inputDim - 1), count);
    const parts: Tensor[] = [];
    if (this.numLogCountFeatures > 0) {
      const ones = engine.full(1, this.numLogCountFeatures, 1);
      parts.push(engine.matmul(engine.unary('log', count), ones));
    }
    if (this.outputStddevs) {
      const half = (this.inputDim - 1) / 2;
      const mean = engine.sliceCols(means, 0, half);
      const variance = engine.binary('sub', engine.sliceCols(means, half, half), engine.unary('square', mean));
      const floored = engine.binary('max', variance, engine.full(1, 1, this.varianceFloor));
      parts.push(mean, engine.unary('sqrt', floored));
    } else parts.push(means);
    return { y: parts.length === 1 ? parts[0]! : engine.concatCols(parts), memo: { count } };
  }

  backprop(call: Call, { y, dy, memo, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine, rows } = call;
    const count = memo!['count']!;
    const logs = this.numLogCountFeatures;
    const dim = this.inputDim - 1;
    let dMeans = engine.sliceCols(dy, logs, dim);
    if (this.outputStddevs) {
      const half = dim / 2;
      const mean = engine.sliceCols(y, logs, half);
      const stddev = engine.sliceCols(y, logs + half, half);
      const floor = engine.full(1, 1, Math.sqrt(this.varianceFloor) * (1 + 1e-6));
      const free = engine.binary('greater', stddev, floor);
      const dVariance = engine.binary(
        'mul',
        free,
        engine.scale(engine.binary('div', engine.sliceCols(dMeans, half, half), stddev), 0.5),
      );
      const dMean = engine.addScaled(engine.sliceCols(dMeans, 0, half), engine.binary('mul', mean, dVariance), -2);
      dMeans = engine.concatCols([dMean, dVariance]);
    }
    const dSums = engine.binary('div', dMeans, count);
    // The count comes from how many frames there are, not from their values: it gets no derivative.
    const pooled = engine.concatCols([engine.zeros(dSums.rows, 1), dSums]);
    const windows = engine.tensor(rows.outputs.length, rows.inputs.length, this.windows(call));
    const wide = this.wide(engine, pooled, rows.outputs.length);
    const dx = engine.matmul(windows, wide, { transposeA: true });
    return engine.reshape(dx, rows.inputs.length * rows.sequences, this.inputDim);
  }
}
