import type { Matrix } from '@jebena/io-ark';
import { type OptionValues, atLeast, defineOptions, int, resolveOptions } from '@jebena/options';
import type { Item, Stage, StageOptions } from '@jebena/stream';
import { ContextStream, matrixStage, wholeThrough } from './frame-stream.js';

/** Kaldi's DeltaFeaturesOptions (feat/feature-functions.h). */
export const deltaOptions = defineOptions({
  deltaOrder: int(2, 'Highest order of the time derivatives', atLeast(0)),
  deltaWindow: int(2, 'Frames on either side that each derivative is computed from', atLeast(1)),
});

export type DeltaOptions = OptionValues<typeof deltaOptions>;

/** Appends time derivatives as frames come; each is given `deltaOrder * deltaWindow` frames late. */
export class Deltas extends ContextStream {
  /** Weights of the neighbours by order, centred. */
  private readonly weights: readonly Float32Array[];

  constructor(options: Partial<DeltaOptions> = {}) {
    const { deltaOrder, deltaWindow } = resolveOptions(deltaOptions, options);
    super(deltaOrder * deltaWindow, deltaOrder * deltaWindow);
    const weights: Float32Array[] = [Float32Array.of(1)];
    for (let order = 1; order <= deltaOrder; order++) weights.push(derivative(weights[order - 1]!, deltaWindow));
    this.weights = weights;
  }

  protected dim(cols: number): number {
    return cols * this.weights.length;
  }

  protected write(t: number, out: Float32Array, at: number): void {
    const { cols, values } = this.frames;
    this.weights.forEach((weights, order) => {
      const reach = (weights.length - 1) / 2;
      const to = at + order * cols;
      for (let j = -reach; j <= reach; j++) {
        const weight = weights[j + reach]!;
        const from = this.clamp(t + j);
        if (weight !== 0) for (let c = 0; c < cols; c++) out[to + c] = out[to + c]! + weight * values[from + c]!;
      }
    });
  }
}

/** Weights of the derivative of what `previous` weighs. */
function derivative(previous: Float32Array, window: number): Float32Array {
  const weights = new Float32Array(previous.length + 2 * window);
  let squares = 0;
  for (let j = -window; j <= window; j++) {
    squares += j * j;
    previous.forEach((w, k) => (weights[j + window + k] = weights[j + window + k]! + j * w));
  }
  return weights.map((w) => w * Math.fround(1 / squares));
}

/**
 * Appends time derivatives, as Kaldi's add-deltas.
 *
 * @returns frames x (cols * (deltaOrder + 1))
 */
export const addDeltas = (feats: Matrix, options: Partial<DeltaOptions> = {}): Matrix =>
  wholeThrough(new Deltas(options), feats);

/** Appends time derivatives to each matrix. */
export const deltas = (
  options: Partial<DeltaOptions> = {},
  stageOptions?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> => matrixStage((feats) => addDeltas(feats, options), stageOptions);
