import type { Engine, RowIndex, Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';

/** Column i of y is column columnMap[i] of x. */
export class PermuteComponent extends Component {
  static override readonly type: string = 'PermuteComponent';
  static override readonly fields: readonly Field[] = [field('<ColumnMap>', 'ints', 'columnMap')];
  columnMap: Int32Array = new Int32Array(0);

  get inputDim(): number {
    return this.columnMap.length;
  }
  get outputDim(): number {
    return this.columnMap.length;
  }

  configure({ config }: Start): void {
    this.columnMap = Int32Array.from(config.ints('column-map'));
    if (!this.whole) config.fail(`expected column-map to hold 0 to ${this.inputDim - 1} once each`);
  }

  private get whole(): boolean {
    return [...this.columnMap].sort((a, b) => a - b).every((c, i) => c === i);
  }

  override check(): void {
    if (!this.whole) dimError(`${this.type}, ColumnMap`, `0 to ${this.inputDim - 1} once each`, 'another map');
  }

  private map(engine: Engine, x: Tensor, index: RowIndex): Tensor {
    return engine.transpose(engine.gatherRows(engine.transpose(x), index));
  }

  propagate(call: Call, x: Tensor): Propagated {
    return {
      y: this.map(
        call.engine,
        x,
        call.rowIndex('map', () => this.columnMap),
      ),
    };
  }

  backprop(call: Call, { dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const back = call.rowIndex('back', () => {
      const inverse = new Int32Array(this.columnMap.length);
      this.columnMap.forEach((from, to) => (inverse[from] = to));
      return inverse;
    });
    return this.map(call.engine, dy, back);
  }
}
