import { type Matrix, matrix } from '@jebena/io-ark';
import { type OptionValues, UsageError, atLeast, bool, defineOptions, int, resolveOptions } from '@jebena/options';
import type { Item, Stage, StageOptions } from '@jebena/stream';
import { FrameBuffer, type FrameStream, matrixStage, wholeThrough } from './frame-stream.js';

/** Kaldi's SlidingWindowCmnOptions (feat/feature-functions.h). */
export const slidingCmvnOptions = defineOptions({
  cmnWindow: int(600, 'Frames of the window', atLeast(1)),
  minCmnWindow: int(100, 'Least frames of the window at the start; only where it is not centred', atLeast(1)),
  maxWarnings: int(5, 'Warnings an utterance of a floored variance; -1: all'),
  normVars: bool(false, 'Divide by the deviation as well'),
  center: bool(false, 'Put the window around the frame, else before it'),
});

export type SlidingCmvnOptions = OptionValues<typeof slidingCmvnOptions>;

/** Normalises frames by a window that slides with them, as frames come. */
export class SlidingCmvn implements FrameStream {
  private readonly options: SlidingCmvnOptions;
  private readonly frames = new FrameBuffer();
  private done = 0;
  private start = 0;
  private end = 0;
  private sums = new Float64Array(0);
  private squares = new Float64Array(0);

  constructor(options: Partial<SlidingCmvnOptions> = {}) {
    const o = (this.options = resolveOptions(slidingCmvnOptions, options));
    if (o.center && o.minCmnWindow > o.cmnWindow)
      throw new UsageError(`min-cmn-window: expected at most cmn-window (${o.cmnWindow}), found ${o.minCmnWindow}`);
  }

  push(frames: Matrix): Matrix {
    this.frames.push(frames);
    return this.take(false);
  }

  flush(): Matrix {
    return this.take(true);
  }

  /** The window of frame `t`, were the utterance without end. */
  private window(t: number): [start: number, end: number] {
    const { cmnWindow, minCmnWindow, center } = this.options;
    const start = Math.max(0, center ? t - Math.trunc(cmnWindow / 2) : t - cmnWindow);
    return [start, center ? start + cmnWindow : Math.max(t + 1, minCmnWindow)];
  }

  private take(flush: boolean): Matrix {
    const { frames } = this;
    const { cols } = frames;
    if (this.sums.length !== cols) [this.sums, this.squares] = [new Float64Array(cols), new Float64Array(cols)];
    let last = this.done;
    while (last < frames.end && (flush || this.window(last)[1] <= frames.end)) last++;
    const result = matrix(last - this.done, cols);
    for (let r = 0; r < result.rows; r++, this.done++) {
      let [start, end] = this.window(this.done);
      if (end > frames.end) [start, end] = [Math.max(0, start - (end - frames.end)), frames.end];
      this.slide(start, end);
      this.write(this.done, result.data, r * cols);
    }
    frames.forget(Math.min(this.start, this.done));
    return result;
  }

  private slide(start: number, end: number): void {
    for (; this.end < end; this.end++) this.add(this.end, 1);
    for (; this.start < start; this.start++) this.add(this.start, -1);
  }

  private add(t: number, sign: number): void {
    const { sums, squares, frames } = this;
    const { values } = frames;
    for (let c = 0, i = frames.at(t); c < sums.length; c++, i++) {
      const x = values[i]!;
      sums[c] = sums[c]! + sign * x;
      squares[c] = squares[c]! + sign * x * x;
    }
  }

  private write(t: number, out: Float32Array, at: number): void {
    const { sums, squares, frames } = this;
    const { values } = frames;
    const count = this.end - this.start;
    for (let c = 0, i = frames.at(t); c < sums.length; c++, i++) {
      const mean = sums[c]! / count;
      const centered = values[i]! - mean;
      if (!this.options.normVars) out[at + c] = centered;
      else out[at + c] = count === 1 ? 0 : centered / Math.sqrt(Math.max(squares[c]! / count - mean * mean, 1e-10));
    }
  }
}

/** Normalises each frame by the frames around or before it, as Kaldi's apply-cmvn-sliding. */
export const slidingCmvn = (feats: Matrix, options: Partial<SlidingCmvnOptions> = {}): Matrix =>
  wholeThrough(new SlidingCmvn(options), feats);

/** Normalises each matrix by a sliding window. */
export const cmvnSliding = (
  options: Partial<SlidingCmvnOptions> = {},
  stageOptions?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> => matrixStage((feats) => slidingCmvn(feats, options), stageOptions);
