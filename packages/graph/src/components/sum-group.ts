import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, Component, dimError, type Propagated, type Start } from '../component.js';
import { type Field, field } from '../fields.js';
import { gatherCols, scatterAddCols } from './columns.js';
import { inputOutputDims } from './dims.js';

/** Sums of groups of neighbouring units, of sizes of their own. */
export class SumGroupComponent extends Component {
  static override readonly type: string = 'SumGroupComponent';
  static override readonly fields: readonly Field[] = [field('<Sizes>', 'ints', 'sizes')];
  sizes: Int32Array = new Int32Array(0);

  get inputDim(): number {
    return this.sizes.reduce((sum, size) => sum + size, 0);
  }
  get outputDim(): number {
    return this.sizes.length;
  }

  configure({ config }: Start): void {
    if (config.has('sizes')) {
      this.sizes = Int32Array.from(config.ints('sizes'));
      if (this.sizes.some((size) => size < 1)) config.fail(`expected sizes above 0, found ${this.sizes.join(',')}`);
    } else {
      const { inputDim, outputDim } = inputOutputDims(config);
      this.sizes = new Int32Array(outputDim).fill(inputDim / outputDim);
    }
  }
  override check(): void {
    if (this.sizes.length === 0 || this.sizes.some((size) => size < 1))
      dimError(`${this.type}, Sizes`, 'sizes above 0', `[${this.sizes.join(' ')}]`);
  }

  /** The group of each input. */
  private groups(): Int32Array {
    return Int32Array.from(Array.from(this.sizes).flatMap((size, group) => Array.from({ length: size }, () => group)));
  }

  propagate(call: Call, x: Tensor): Propagated {
    return { y: scatterAddCols(call, 'groups', x, () => this.groups(), this.outputDim) };
  }

  backprop(call: Call, { dy, wanted }: Backprop): Tensor | undefined {
    return wanted ? gatherCols(call, 'groups', dy, () => this.groups()) : undefined;
  }
}
