import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { gatherCols, scatterAddCols } from './columns.js';

/** The largest of each pool of an image of x by y by z (z innermost) in each row: Kaldi's older pooling. */
export class MaxpoolingComponent extends Component {
  static override readonly type: string = 'MaxpoolingComponent';
  static override readonly fields: readonly Field[] = [
    field('<InputXDim>', 'int', 'inputX'),
    field('<InputYDim>', 'int', 'inputY'),
    field('<InputZDim>', 'int', 'inputZ'),
    field('<PoolXSize>', 'int', 'poolX'),
    field('<PoolYSize>', 'int', 'poolY'),
    field('<PoolZSize>', 'int', 'poolZ'),
    field('<PoolXStep>', 'int', 'stepX'),
    field('<PoolYStep>', 'int', 'stepY'),
    field('<PoolZStep>', 'int', 'stepZ'),
  ];
  inputX = 0;
  inputY = 0;
  inputZ = 0;
  poolX = 0;
  poolY = 0;
  poolZ = 0;
  stepX = 1;
  stepY = 1;
  stepZ = 1;
  override readonly needs: { x: boolean; y: boolean } = { x: true, y: true };

  get inputDim(): number {
    return this.inputX * this.inputY * this.inputZ;
  }
  get outputDim(): number {
    const [x, y, z] = this.places();
    return x * y * z;
  }

  configure({ config }: Start): void {
    this.inputX = config.positive('input-x-dim');
    this.inputY = config.positive('input-y-dim');
    this.inputZ = config.positive('input-z-dim');
    this.poolX = config.positive('pool-x-size');
    this.poolY = config.positive('pool-y-size');
    this.poolZ = config.positive('pool-z-size');
    this.stepX = config.positive('pool-x-step');
    this.stepY = config.positive('pool-y-step');
    this.stepZ = config.positive('pool-z-step');
    if (!this.fits()) config.fail('expected pools that fit into the input a whole number of steps apart');
  }
  override check(): void {
    if (!this.fits()) dimError(`${this.type}, dims`, 'pools that fit the input', this.places().join(' x '));
  }

  private fits(): boolean {
    const noGaps = this.poolX >= this.stepX && this.poolY >= this.stepY && this.poolZ >= this.stepZ;
    return noGaps && this.places().every((count) => Number.isInteger(count) && count > 0);
  }

  /** How many pools there are along x, y and z. */
  private places(): [number, number, number] {
    return [
      1 + (this.inputX - this.poolX) / this.stepX,
      1 + (this.inputY - this.poolY) / this.stepY,
      1 + (this.inputZ - this.poolZ) / this.stepZ,
    ];
  }

  private get poolSize(): number {
    return this.poolX * this.poolY * this.poolZ;
  }

  /** The input column of member q of each pool; members are outermost. */
  private columns(): Int32Array {
    const [placesX, placesY, placesZ] = this.places();
    const columns = new Int32Array(this.outputDim * this.poolSize);
    let i = 0;
    for (let x = 0; x < this.poolX; x++)
      for (let y = 0; y < this.poolY; y++)
        for (let z = 0; z < this.poolZ; z++)
          for (let px = 0; px < placesX; px++)
            for (let py = 0; py < placesY; py++)
              for (let pz = 0; pz < placesZ; pz++) {
                const row = (px * this.stepX + x) * this.inputY + py * this.stepY + y;
                columns[i++] = row * this.inputZ + pz * this.stepZ + z;
              }
    return columns;
  }

  private members(call: Call, x: Tensor): Tensor[] {
    const { engine } = call;
    const all = gatherCols(call, 'columns', x, () => this.columns());
    return Array.from({ length: this.poolSize }, (_, q) => engine.sliceCols(all, q * this.outputDim, this.outputDim));
  }

  propagate(call: Call, x: Tensor): Propagated {
    return { y: this.members(call, x).reduce((most, member) => call.engine.binary('max', most, member)) };
  }

  /** Every member that is as large as the largest gets the derivative. */
  backprop(call: Call, { x, y, dy, wanted }: Backprop): Tensor | undefined {
    if (!wanted) return undefined;
    const { engine } = call;
    const zeros = engine.zeros(dy.rows, dy.cols);
    const parts = this.members(call, x).map((member) => engine.where(engine.binary('less', member, y), zeros, dy));
    return scatterAddCols(call, 'columns', engine.concatCols(parts), () => this.columns(), this.inputDim);
  }
}
