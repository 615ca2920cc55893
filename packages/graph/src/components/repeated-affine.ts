import type { Tensor } from '@jebena/engine';
import type { Backprop, Call, Propagated, Start } from '../component.js';
import type { Field } from '../fields.js';
import type { NaturalGradientSettings } from '../trainable.js';
import { AffineOfBlocks, blockFields } from './affine-of-blocks.js';
import { asBlocks } from './columns.js';

/** One affine, applied to each block of x, trained by plain gradients. */
export class RepeatedAffineComponent extends AffineOfBlocks {
  static override readonly type: string = 'RepeatedAffineComponent';
  static override readonly fields: readonly Field[] = blockFields('<NumRepeats>');

  get outputDim(): number {
    return this.linear.rows * this.blocks;
  }

  configure(start: Start): void {
    this.configureBlocks(start, 'num-repeats', (outputDim) => outputDim / this.blocks, 0);
  }

  propagate(call: Call, x: Tensor): Propagated {
    const { engine, tensors } = call;
    const y = engine.affine(asBlocks(call, x, this.linear.cols), tensors['linear']!, tensors['bias']!);
    return { y: engine.reshape(y, x.rows, this.outputDim) };
  }

  backprop(call: Call, { x, dy, sink, wanted }: Backprop): Tensor | undefined {
    const { engine, tensors } = call;
    const slopes = asBlocks(call, dy, this.linear.rows);
    sink?.affine('linear', 'bias', asBlocks(call, x, this.linear.cols), slopes);
    return wanted ? engine.reshape(engine.matmul(slopes, tensors['linear']!), dy.rows, this.inputDim) : undefined;
  }
}

/** The same with natural gradient. Kaldi preconditions the summed gradient's rows; here both sides of each frame are. */
export class NaturalGradientRepeatedAffineComponent extends RepeatedAffineComponent {
  static override readonly type: string = 'NaturalGradientRepeatedAffineComponent';

  override get naturalGradient(): NaturalGradientSettings {
    const { rows, cols } = this.linear;
    const half = (dim: number, most: number): number => Math.max(1, Math.min(most, dim >> 1));
    const rankIn = half(cols, 40);
    const settings = { updatePeriod: 4, numSamplesHistory: 2000, alphaIn: 4, alphaOut: 4, neverFrozen: true };
    return { rankIn, rankOut: half(rows, 80), ...settings, of: 'gradient-rows' };
  }
}
