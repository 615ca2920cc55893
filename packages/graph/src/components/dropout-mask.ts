import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, type Propagated, type Start } from '../component.js';
import { type Field, field, flag } from '../fields.js';
import type { Index } from '../indexes.js';
import { Random } from '../random.js';

/**
 * Makes a dropout mask out of nothing: it reads no rows. With 2 or 3 outputs they scale the gates of an LSTM, and
 * the first two (input and forget) are never both zero.
 */
export class DropoutMaskComponent extends Component {
  static override readonly type: string = 'DropoutMaskComponent';
  static override readonly fields: readonly Field[] = [
    field('<OutputDim>', 'int', 'outputDim'),
    field('<DropoutProportion>', 'float', 'dropoutProportion'),
    field('<TestMode>', 'bool', 'testMode', { optional: true, when: () => true }),
    flag('<Continuous>', 'continuous'),
  ];
  readonly inputDim = 0;
  outputDim = 0;
  dropoutProportion = 0.5;
  testMode = false;
  continuous = false;
  override readonly simple = false;

  configure({ config }: Start): void {
    this.outputDim = config.positive('output-dim');
    this.dropoutProportion = config.float('dropout-proportion', 0.5);
    if (!(this.dropoutProportion >= 0 && this.dropoutProportion <= 1))
      config.fail(`expected dropout-proportion from 0 to 1, found ${this.dropoutProportion}`);
    this.testMode = config.bool('test-mode', false);
    this.continuous = config.bool('continuous', false);
  }

  override inputIndexes(): readonly Index[] {
    return [];
  }

  propagate(call: Call): Propagated {
    const { engine, rows } = call;
    const height = rows.outputs.length * rows.sequences;
    const cols = this.outputDim;
    const p = this.dropoutProportion;
    if (p === 0) return { y: engine.full(height, cols, 1) };
    if (!call.training || this.testMode) return { y: engine.full(height, cols, this.continuous ? 1 : 1 - p) };
    const random = new Random(call.draw());
    const data = new Float32Array(height * cols);
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < cols; c++) {
        const u = random.uniform();
        data[r * cols + c] = this.continuous ? 1 - 2 * p + 4 * p * u : u > p ? 1 : 0;
      }
      if (this.continuous || (cols !== 2 && cols !== 3)) continue;
      const u = random.uniform();
      data[r * cols] = u > p ? 1 : 0;
      data[r * cols + 1] = u < 1 - p ? 1 : 0;
    }
    return { y: engine.tensor(height, cols, data) };
  }

  backprop(_call: Call, _back: Backprop): Tensor | undefined {
    return undefined;
  }
}
