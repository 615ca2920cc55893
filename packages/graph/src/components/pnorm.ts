import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { asBlocks } from './columns.js';
import { checkMultiple, inputOutputDims } from './dims.js';

/** The 2-norm of each group of neighbouring units (Zhang et al., 2014). */
export class PnormComponent extends Component {
  static override readonly type: string = 'PnormComponent';
  static override readonly fields: readonly Field[] = [
    field('<InputDim>', 'int', 'inputDim'),
    field('<OutputDim>', 'int', 'outputDim'),
  ];
  inputDim = 0;
  outputDim = 0;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: true };

  configure({ config }: Start): void {
    Object.assign(this, inputOutputDims(config));
  }
  override check(): void {
    checkMultiple(`${this.type}, InputDim`, this.inputDim, this.outputDim);
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine } = call;
    const groups = asBlocks(call, x, this.inputDim / this.outputDim);
    const squares = engine.sumCols(engine.unary('square', groups));
    return { y: engine.reshape(engine.unary('sqrt', squares), x.rows, this.outputDim) };
  }

  backprop(call: Call, { x, y, dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine } = call;
    const groups = asBlocks(call, x, this.inputDim / this.outputDim);
    const norms = engine.reshape(y, groups.rows, 1);
    // A group of zeros has no slope: 0 / 1.
    const safe = engine.where(norms, norms, engine.full(groups.rows, 1, 1));
    const perNorm = engine.binary('div', engine.reshape(dy, groups.rows, 1), safe);
    return engine.reshape(engine.binary('mul', groups, perNorm), x.rows, this.inputDim);
  }
}
