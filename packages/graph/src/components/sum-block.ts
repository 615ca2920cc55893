import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { checkMultiple, inputOutputDims } from './dims.js';

/** y = scale * (the sum of the blocks that x is cut into). */
export class SumBlockComponent extends Component {
  static override readonly type: string = 'SumBlockComponent';
  static override readonly fields: readonly Field[] = [
    field('<InputDim>', 'int', 'inputDim'),
    field('<OutputDim>', 'int', 'outputDim'),
    field('<Scale>', 'float', 'scale'),
  ];
  inputDim = 0;
  outputDim = 0;
  scale = 1;

  configure({ config }: Start): void {
    Object.assign(this, inputOutputDims(config));
    this.scale = config.float('scale', 1);
  }
  override check(): void {
    checkMultiple(`${this.type}, InputDim`, this.inputDim, this.outputDim);
  }

  propagate({ engine }: Call, x: Tensor): Propagated {
    let y = engine.scale(engine.sliceCols(x, 0, this.outputDim), this.scale);
    for (let c = this.outputDim; c < this.inputDim; c += this.outputDim)
      y = engine.intoAddScaled(y, engine.sliceCols(x, c, this.outputDim), this.scale);
    return { y };
  }

  backprop({ engine }: Call, { dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const scaled = engine.scale(dy, this.scale);
    return engine.concatCols(Array.from({ length: this.inputDim / this.outputDim }, () => scaled));
  }
}
