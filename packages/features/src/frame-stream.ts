import { type Matrix, matrix } from '@jebena/io-ark';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import { FeatureError } from './errors.js';

/** Turns frames into frames as they come: `push` gives what is ready, `flush` what is left at the end. */
export interface FrameStream {
  push(frames: Matrix): Matrix;
  flush(): Matrix;
}

export interface FrameBufferState {
  readonly cols: number;
  readonly start: number;
  readonly count: number;
  readonly data: Float32Array;
}

/** Rows of a matrix that comes in parts, as far back as they are needed. */
export class FrameBuffer {
  cols = 0;
  private data: Float32Array = new Float32Array(0);
  private start = 0;
  private count = 0;

  /** Index one past the last row. */
  get end(): number {
    return this.start + this.count;
  }

  /** @throws FeatureError where the count of columns changes */
  push(frames: Matrix): void {
    if (frames.rows === 0) return;
    if (this.end === 0) this.cols = frames.cols;
    if (frames.cols !== this.cols)
      throw new FeatureError(`frames: expected ${this.cols} columns as before, found ${frames.cols}`);
    const needed = (this.count + frames.rows) * this.cols;
    if (needed > this.data.length) {
      const grown = new Float32Array(Math.max(needed, 2 * this.data.length));
      grown.set(this.data.subarray(0, this.count * this.cols));
      this.data = grown;
    }
    this.data.set(frames.data, this.count * this.cols);
    this.count += frames.rows;
  }

  /** The rows kept, as plain data. */
  state(): FrameBufferState {
    const { cols, start, count } = this;
    return { cols, start, count, data: this.data.slice(0, count * cols) };
  }

  restore({ cols, start, count, data }: FrameBufferState): void {
    this.cols = cols;
    this.start = start;
    this.count = count;
    this.data = data.slice();
  }

  /** Where row `t` starts in `values`. */
  at(t: number): number {
    return (t - this.start) * this.cols;
  }

  /** The rows kept, one after another. */
  get values(): Float32Array {
    return this.data;
  }

  /** Forgets the rows before `t`; cheap when called often. */
  forget(t: number): void {
    const drop = Math.min(t - this.start, this.count);
    // Moving what is left costs time, so it waits until half can go.
    if (drop < 256 || 2 * drop < this.count) return;
    this.data.copyWithin(0, drop * this.cols, this.count * this.cols);
    this.start += drop;
    this.count -= drop;
  }
}

/** A stream whose rows each depend on rows a fixed way before and after; the first and last row stand in beyond the ends. */
export abstract class ContextStream implements FrameStream {
  protected readonly frames: FrameBuffer = new FrameBuffer();
  private done = 0;

  constructor(
    private readonly left: number,
    private readonly right: number,
  ) {}

  /** Columns of the result for that many columns of the input. */
  protected abstract dim(cols: number): number;
  /** Writes row `t`; the input's row u is at `clamp(u)`. */
  protected abstract write(t: number, out: Float32Array, at: number): void;

  /** Where row `t` of the input, or the nearest that there is, starts in `frames.values`. */
  protected clamp(t: number): number {
    return this.frames.at(Math.min(Math.max(t, 0), this.frames.end - 1));
  }

  push(frames: Matrix): Matrix {
    this.frames.push(frames);
    return this.take(this.frames.end - this.right);
  }

  flush(): Matrix {
    return this.take(this.frames.end);
  }

  private take(end: number): Matrix {
    const dim = this.dim(this.frames.cols);
    const result = matrix(Math.max(0, end - this.done), dim);
    for (let r = 0; r < result.rows; r++, this.done++) this.write(this.done, result.data, r * dim);
    this.frames.forget(this.done - this.left);
    return result;
  }
}

/** Runs a whole matrix through a stream. */
export function wholeThrough(stream: FrameStream, feats: Matrix): Matrix {
  const first = stream.push(feats);
  const rest = stream.flush();
  if (rest.rows === 0) return first;
  if (first.rows === 0) return rest;
  const all = matrix(first.rows + rest.rows, first.cols);
  all.data.set(first.data);
  all.data.set(rest.data, first.data.length);
  return all;
}

/** A stage that applies a function to each matrix; an error names the key. */
export function matrixStage(
  fn: (feats: Matrix, key: string) => Matrix,
  options?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> {
  return stage(
    () => ({ push: ([key, feats]: Item<Matrix>) => [[key, named(key, () => fn(feats, key))] as const] }),
    options,
  );
}

/** Runs a function; a FeatureError that it throws gets the key in front. */
export function named<T>(key: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw error instanceof FeatureError ? new FeatureError(`key '${key}': ${error.message}`, { cause: error }) : error;
  }
}
