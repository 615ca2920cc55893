import type { Engine } from '@jebena/engine';
import type { Looped, LoopedState, LoopedStream } from '@jebena/graph';
import { type Matrix, matrix } from '@jebena/io-ark';
import { ChunkComputer } from './chunk-computer.js';

/** A queue of rows, taken off in front as a whole number of them is there. */
class RowQueue {
  private parts: Float32Array[] = [];
  rows = 0;
  constructor(private readonly cols: number) {}

  push({ rows, data }: Matrix): void {
    if (rows > 0) this.parts.push(data);
    this.rows += rows;
  }

  /** All rows that wait, as they are. */
  all(): Float32Array {
    const out = new Float32Array(this.rows * this.cols);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  take(rows: number): Float32Array {
    const out = new Float32Array(rows * this.cols);
    let at = 0;
    while (at < out.length) {
      const part = this.parts[0]!;
      const count = Math.min(part.length, out.length - at);
      out.set(count === part.length ? part : part.subarray(0, count), at);
      at += count;
      if (count === part.length) this.parts.shift();
      else this.parts[0] = part.subarray(count);
    }
    this.rows -= rows;
    return out;
  }
}

export interface OnlineScoresOptions {
  /** Shared by the streams of a model, so that those which are ready at once are computed at once. */
  readonly computer?: ChunkComputer | undefined;
  /**
   * The iVector of a chunk, for networks that take one: the same one, or by the input frame that the chunk ends before,
   * right context and all (the one that Kaldi's looped decoders take).
   */
  readonly ivector?: Float32Array | ((endFrame: number) => Float32Array) | undefined;
  /** Where another stream stood, to go on from. */
  readonly state?: OnlineScoresState | undefined;
}

/** Where a stream of scores stands, as plain data. */
export interface OnlineScoresState {
  readonly looped: LoopedState;
  readonly waiting: Float32Array;
  readonly frames: number;
  readonly given: number;
  readonly last?: Float32Array | undefined;
}

/**
 * The network's scores of one stream of features, chunk by chunk with carried state: the same numbers as one pass
 * over the whole utterance, at a cost for each chunk that does not grow.
 */
export class OnlineScores {
  private readonly stream: LoopedStream;
  private readonly waiting: RowQueue;
  private frames = 0;
  private given = 0;
  private last: Float32Array | undefined;
  private readonly computer: ChunkComputer;
  private readonly ivector: (endFrame: number) => Float32Array | undefined;
  private disposed = false;

  /**
   * @param looped shared by all streams of a model
   * @param dim columns of the features
   * @param logPriors subtracted from the scores; empty for chain models
   */
  constructor(
    engine: Engine,
    private readonly looped: Looped,
    private readonly dim: number,
    private readonly logPriors: Float32Array = new Float32Array(0),
    { computer = new ChunkComputer(engine, looped), ivector, state }: OnlineScoresOptions = {},
  ) {
    this.computer = computer;
    this.ivector = typeof ivector === 'function' ? ivector : () => ivector;
    this.stream = looped.stream(state?.looped);
    this.waiting = new RowQueue(dim);
    if (state) {
      const { waiting, frames, given, last } = state;
      this.waiting.push({ rows: waiting.length / dim, cols: dim, data: waiting.slice() });
      this.frames = frames;
      this.given = given;
      this.last = last?.slice();
    }
    computer.join();
  }

  /** Where it stands. Not while a `push` is under way. */
  async state(): Promise<OnlineScoresState> {
    const { frames, given, last } = this;
    return { waiting: this.waiting.all(), frames, given, last, looped: await this.stream.state() };
  }

  /** Takes frames, of any number; gives the scores that they complete (0 rows mostly, then a chunk's). */
  async push(feats: Matrix): Promise<Matrix> {
    if (feats.rows === 0) return matrix(0, this.logPriors.length);
    if (feats.cols !== this.dim)
      throw new RangeError(`scores: expected features of ${this.dim} columns, found ${feats.cols}`);
    if (!this.last) this.repeat(feats.data.subarray(0, this.dim), this.looped.leftContext);
    this.waiting.push(feats);
    this.frames += feats.rows;
    this.last = feats.data.slice(-this.dim);
    return this.advance(Infinity);
  }

  /** Ends the stream: its last frame stands for those that the last chunk lacks. */
  async flush(): Promise<Matrix> {
    if (!this.last) return matrix(0, this.logPriors.length);
    const perFrame = this.looped.chunk / this.looped.outputFrames;
    const wanted = Math.ceil(this.frames / perFrame);
    const missing = (): number => wanted - this.given;
    const parts: Matrix[] = [];
    while (missing() > 0) {
      this.repeat(this.last, Math.max(0, this.needed() - this.waiting.rows));
      parts.push(await this.advance(missing()));
    }
    return joinRows(parts, this.logPriors.length);
  }

  private needed(): number {
    return this.stream.chunks === 0 ? this.looped.firstFrames : this.looped.chunk;
  }

  private repeat(frame: Float32Array, count: number): void {
    const data = new Float32Array(count * this.dim);
    for (let i = 0; i < count; i++) data.set(frame, i * this.dim);
    this.waiting.push({ rows: count, cols: this.dim, data });
  }

  /** Computes the chunks that are complete; of the last one, at most `most` rows are wanted. */
  private async advance(most: number): Promise<Matrix> {
    const parts: Matrix[] = [];
    while (this.waiting.rows >= this.needed()) {
      const { chunk, rightContext } = this.looped;
      const ivector = this.ivector((this.stream.chunks + 1) * chunk + rightContext);
      const all = await this.computer.compute(this.stream, this.waiting.take(this.needed()), ivector);
      const { cols } = all;
      const values = all.data.subarray(0, Math.min(most, all.rows) * cols);
      for (let i = 0; i < values.length && this.logPriors.length > 0; i++) values[i]! -= this.logPriors[i % cols]!;
      this.given += values.length / cols;
      parts.push({ rows: values.length / cols, cols, data: values });
    }
    return joinRows(parts, this.logPriors.length);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.computer.leave(this.stream);
    this.stream.dispose();
  }
}

/** Matrices one below the other; `cols` where there is none. */
export function joinRows(parts: readonly Matrix[], cols: number): Matrix {
  if (parts.length === 1) return parts[0]!;
  const joined = matrix(
    parts.reduce((n, p) => n + p.rows, 0),
    parts[0]?.cols ?? cols,
  );
  let at = 0;
  for (const { data } of parts) {
    joined.data.set(data, at);
    at += data.length;
  }
  return joined;
}
