import type { Engine } from '@jebena/engine';
import type { Looped, LoopedStream } from '@jebena/graph';
import { type Matrix, matrix } from '@jebena/io-ark';

/** A queue of rows, taken off in front as a whole number of them is there. */
class RowQueue {
  private parts: Float32Array[] = [];
  rows = 0;
  constructor(private readonly cols: number) {}

  push({ rows, data }: Matrix): void {
    if (rows > 0) this.parts.push(data);
    this.rows += rows;
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

  /**
   * @param looped shared by all streams of a model
   * @param dim columns of the features
   * @param logPriors subtracted from the scores; empty for chain models
   */
  constructor(
    private readonly engine: Engine,
    private readonly looped: Looped,
    private readonly dim: number,
    private readonly logPriors: Float32Array = new Float32Array(0),
  ) {
    this.stream = looped.stream();
    this.waiting = new RowQueue(dim);
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
      const rows = this.needed();
      const data = this.waiting.take(rows);
      const input = this.engine.tensor(rows, this.dim, data);
      const pass = this.stream.advance({ input });
      this.engine.dispose(input);
      const output = pass.output('output');
      const { cols } = output;
      const values = (await this.engine.read(output)).slice(0, Math.min(most, output.rows) * cols);
      pass.dispose();
      for (let i = 0; i < values.length && this.logPriors.length > 0; i++) values[i]! -= this.logPriors[i % cols]!;
      this.given += values.length / cols;
      parts.push({ rows: values.length / cols, cols, data: values });
    }
    return joinRows(parts, this.logPriors.length);
  }

  dispose(): void {
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
