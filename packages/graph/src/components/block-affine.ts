import type { Tensor } from '@jebena/engine';
import { type Backprop, type Call, dimError, type Propagated, type Start } from '../component.js';
import type { Field } from '../fields.js';
import { AffineOfBlocks, blockFields } from './affine-of-blocks.js';

/** y = W x + b with W made of blocks on its diagonal, which are stored one below the other. */
export class BlockAffineComponent extends AffineOfBlocks {
  static override readonly type: string = 'BlockAffineComponent';
  static override readonly fields: readonly Field[] = blockFields('<NumBlocks>');

  get outputDim(): number {
    return this.linear.rows;
  }

  configure(start: Start): void {
    this.configureBlocks(start, 'num-blocks', (outputDim) => outputDim, 1);
  }
  override check(): void {
    super.check();
    const { blocks, linear } = this;
    if (linear.rows % blocks) dimError(`${this.type}, rows`, `a multiple of ${blocks}`, linear.rows);
  }

  private block({ engine, tensors }: Call, b: number): Tensor {
    const rows = this.linear.rows / this.blocks;
    return engine.sliceRows(tensors['linear']!, b * rows, rows);
  }
  private blocksOf({ engine }: Call, t: Tensor): Tensor[] {
    const width = t.cols / this.blocks;
    return Array.from({ length: this.blocks }, (_, b) => engine.sliceCols(t, b * width, width));
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, tensors } = call;
    const parts = this.blocksOf(call, x).map((part, b) => engine.affine(part, this.block(call, b)));
    return { y: engine.binary('add', engine.concatCols(parts), tensors['bias']!) };
  }

  backprop(call: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine } = call;
    const slopes = this.blocksOf(call, dy);
    if (sink) {
      const inputs = this.blocksOf(call, x);
      const gradients = slopes.map((slope, b) => engine.matmul(slope, inputs[b]!, { transposeA: true }));
      sink.whole('linear', engine.concatRows(gradients));
      sink.rows('bias', dy);
    }
    return wanted ? engine.concatCols(slopes.map((slope, b) => engine.matmul(slope, this.block(call, b)))) : undefined;
  }
}
