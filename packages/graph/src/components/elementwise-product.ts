import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';

/** y = the product of the input's blocks of outputDim. */
export class ElementwiseProductComponent extends Component {
  static override readonly type: string = 'ElementwiseProductComponent';
  static override readonly fields: readonly Field[] = [
    field('<InputDim>', 'int', 'inputDim'),
    field('<OutputDim>', 'int', 'outputDim'),
  ];
  inputDim = 0;
  outputDim = 0;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: false };

  configure({ config }: Start): void {
    this.inputDim = config.positive('input-dim');
    this.outputDim = config.positive('output-dim');
    if (this.inputDim % this.outputDim || this.inputDim === this.outputDim)
      config.fail(`expected input-dim a multiple of output-dim=${this.outputDim}, found ${this.inputDim}`);
  }

  override check(): void {
    if (this.outputDim < 1 || this.inputDim % this.outputDim)
      dimError(`${this.type}, input`, `a multiple of ${this.outputDim}`, this.inputDim);
  }

  private blocks({ engine }: Call, x: Tensor): Tensor[] {
    return Array.from({ length: this.inputDim / this.outputDim }, (_, i) =>
      engine.sliceCols(x, i * this.outputDim, this.outputDim),
    );
  }

  propagate(call: Call, x: Tensor): Propagated {
    return { y: this.blocks(call, x).reduce((product, block) => call.engine.binary('mul', product, block)) };
  }

  backprop(call: Call, { x, dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const blocks = this.blocks(call, x);
    const others = blocks.map((_, i) =>
      blocks.reduce((product, block, k) => (k === i ? product : call.engine.binary('mul', product, block)), dy),
    );
    return call.engine.concatCols(others);
  }
}
