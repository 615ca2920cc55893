import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { extraOf, type Index, index, timeOf } from '../indexes.js';

/**
 * Adds up frames over windows of outputPeriod frames: (count, sum of x, sum of x^2). Frames that are not there are
 * left out.
 */
export class StatisticsExtractionComponent extends Component {
  static override readonly type: string = 'StatisticsExtractionComponent';
  static override readonly fields: readonly Field[] = [
    field('<InputDim>', 'int', 'inputDim'),
    field('<InputPeriod>', 'int', 'inputPeriod'),
    field('<OutputPeriod>', 'int', 'outputPeriod'),
    // The spelling is the format's.
    field('<IncludeVarinance>', 'bool', 'includeVariance'),
  ];
  inputDim = 0;
  inputPeriod = 1;
  outputPeriod = 1;
  includeVariance = true;
  override readonly simple = false;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  get outputDim(): number {
    return 1 + this.inputDim * (this.includeVariance ? 2 : 1);
  }

  configure({ config }: Start): void {
    this.inputDim = config.positive('input-dim');
    this.inputPeriod = config.positive('input-period', 1);
    this.outputPeriod = config.positive('output-period', 1);
    this.includeVariance = config.bool('include-variance', true);
    if (this.outputPeriod % this.inputPeriod)
      config.fail(`expected output-period a multiple of input-period=${this.inputPeriod}, found ${this.outputPeriod}`);
  }

  override check(): void {
    if (this.inputPeriod < 1 || this.outputPeriod < 1 || this.outputPeriod % this.inputPeriod)
      dimError(`${this.type}, OutputPeriod`, `a multiple of ${this.inputPeriod}`, this.outputPeriod);
  }

  override get modulus(): number {
    return this.outputPeriod;
  }

  private window(t: number): number {
    return Math.floor(t / this.outputPeriod) * this.outputPeriod;
  }

  override inputIndexes(output: Index): readonly Index[] {
    const start = this.window(timeOf(output));
    return Array.from({ length: this.outputPeriod / this.inputPeriod }, (_, i) =>
      index(start + i * this.inputPeriod, extraOf(output)),
    );
  }

  override usedIndexes(output: Index, available: (input: Index) => boolean): readonly Index[] | undefined {
    const used = this.inputIndexes(output).filter(available);
    return used.length ? used : undefined;
  }

  /** For each input row the output row it is added to, and how many are added to each. */
  private targets({ rows, prepared }: Call): { rows: Int32Array; counts: Float32Array } {
    return prepared(() => {
      const { inputs, outputs, sequences } = rows;
      const blocks = new Map(outputs.map((at, i) => [index(this.window(timeOf(at)), extraOf(at)), i]));
      const targets = new Int32Array(inputs.length * sequences);
      const counts = new Float32Array(outputs.length * sequences);
      inputs.forEach((at, i) => {
        const block = blocks.get(index(this.window(timeOf(at)), extraOf(at))) ?? -1;
        for (let n = 0; n < sequences; n++) {
          const target = block < 0 ? -1 : block * sequences + n;
          targets[i * sequences + n] = target;
          if (target >= 0) counts[target]!++;
        }
      });
      return { rows: targets, counts };
    });
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine } = call;
    const { rows, counts } = this.targets(call);
    const into = call.rowIndex('targets', () => rows);
    const parts = [engine.tensor(counts.length, 1, counts), engine.scatterAddRows(x, into, counts.length)];
    if (this.includeVariance) parts.push(engine.scatterAddRows(engine.unary('square', x), into, counts.length));
    return { y: engine.concatCols(parts) };
  }

  backprop(call: Call, { x, dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine } = call;
    const from = call.rowIndex('targets', () => this.targets(call).rows);
    const d = engine.gatherRows(dy, from);
    const sum = engine.sliceCols(d, 1, this.inputDim);
    if (!this.includeVariance) return sum;
    const squares = engine.sliceCols(d, 1 + this.inputDim, this.inputDim);
    return engine.addScaled(sum, engine.binary('mul', x, squares), 2);
  }
}
