import type { Matrix } from '@jebena/io-ark';
import { type OptionValues, atLeast, defineOptions, int, resolveOptions } from '@jebena/options';
import type { Item, Stage, StageOptions } from '@jebena/stream';
import { ContextStream, matrixStage, wholeThrough } from './frame-stream.js';

export const spliceOptions = defineOptions({
  leftContext: int(4, 'Frames before', atLeast(0)),
  rightContext: int(4, 'Frames after', atLeast(0)),
});

export type SpliceOptions = OptionValues<typeof spliceOptions>;

/** Puts each frame's neighbours beside it as frames come; each is given `rightContext` frames late. */
export class Splice extends ContextStream {
  private readonly leftContext: number;
  private readonly width: number;

  constructor(options: Partial<SpliceOptions> = {}) {
    const { leftContext, rightContext } = resolveOptions(spliceOptions, options);
    super(leftContext, rightContext);
    this.leftContext = leftContext;
    this.width = leftContext + 1 + rightContext;
  }

  protected dim(cols: number): number {
    return cols * this.width;
  }

  protected write(t: number, out: Float32Array, at: number): void {
    const { cols, values } = this.frames;
    for (let j = 0; j < this.width; j++) {
      const from = this.clamp(t + j - this.leftContext);
      for (let c = 0; c < cols; c++) out[at + j * cols + c] = values[from + c]!;
    }
  }
}

/**
 * Puts each frame's neighbours beside it, the earliest first, as Kaldi's splice-feats; the first and last frame stand
 * in beyond the ends.
 *
 * @returns frames x (cols * (leftContext + 1 + rightContext))
 */
export const spliceFrames = (feats: Matrix, options: Partial<SpliceOptions> = {}): Matrix =>
  wholeThrough(new Splice(options), feats);

/** Puts neighbours beside each frame of each matrix. */
export const splice = (
  options: Partial<SpliceOptions> = {},
  stageOptions?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> => matrixStage((feats) => spliceFrames(feats, options), stageOptions);
