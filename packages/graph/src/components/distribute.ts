import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { extraOf, type Index, shift } from '../indexes.js';
import { positionsOf } from '../row-map.js';
import { checkMultiple, inputOutputDims } from './dims.js';

/** Hands the blocks of one input row to rows that differ in x: row x of the output is block x mod n of row x / n. */
export class DistributeComponent extends Component {
  static override readonly type: string = 'DistributeComponent';
  static override readonly fields: readonly Field[] = [
    field('<InputDim>', 'int', 'inputDim'),
    field('<OutputDim>', 'int', 'outputDim'),
  ];
  inputDim = 0;
  outputDim = 0;
  override readonly simple = false;

  configure({ config }: Start): void {
    Object.assign(this, inputOutputDims(config));
  }
  override check(): void {
    checkMultiple(`${this.type}, InputDim`, this.inputDim, this.outputDim);
  }

  private source(output: Index): Index {
    const x = extraOf(output);
    return shift(output, 0, Math.floor(x / (this.inputDim / this.outputDim)) - x);
  }
  override inputIndexes(output: Index): readonly Index[] {
    return [this.source(output)];
  }

  /** For each output row, which row of the input cut into blocks it is. */
  private places({ rows }: Call): Int32Array {
    const blocks = this.inputDim / this.outputDim;
    const positions = positionsOf(
      rows.outputs.map((i) => this.source(i)),
      rows.inputs,
    );
    const places = new Int32Array(rows.outputs.length * rows.sequences);
    rows.outputs.forEach((output, i) => {
      const block = extraOf(output) - extraOf(this.source(output)) * blocks;
      for (let n = 0; n < rows.sequences; n++)
        places[i * rows.sequences + n] = (positions[i]! * rows.sequences + n) * blocks + block;
    });
    return places;
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine } = call;
    const blocks = engine.reshape(x, (x.rows * this.inputDim) / this.outputDim, this.outputDim);
    return {
      y: engine.gatherRows(
        blocks,
        call.rowIndex('places', () => this.places(call)),
      ),
    };
  }

  backprop(call: Call, { dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine, rows } = call;
    const count = rows.inputs.length * rows.sequences;
    const index = call.rowIndex('places', () => this.places(call));
    const blocks = engine.scatterAddRows(dy, index, (count * this.inputDim) / this.outputDim);
    return engine.reshape(blocks, count, this.inputDim);
  }
}
