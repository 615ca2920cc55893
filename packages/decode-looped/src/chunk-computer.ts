import type { Engine, Tensor } from '@jebena/engine';
import type { Looped, LoopedStream, Pass } from '@jebena/graph';
import { type Matrix, matrix } from '@jebena/io-ark';

interface Waiting {
  readonly stream: LoopedStream;
  /** Its next frames, one row after the other. */
  readonly frames: Float32Array;
  readonly ivector: Float32Array | undefined;
  readonly resolve: (scores: Matrix) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs something once the events that are there have been handled. */
const soon: (run: () => void) => void =
  typeof setImmediate === 'function' ? (run) => void setImmediate(run) : (run) => void setTimeout(run, 0);

/**
 * Computes chunks of a model's streams. Those that come in at about the same time are computed at once, in batches of
 * 1, 2, 4, ... streams, so that few plans serve all numbers of them.
 */
export class ChunkComputer {
  private waiting: Waiting[] = [];
  /** Streams that may ask; one alone is not kept waiting. */
  private streams = 0;
  /** Chunks computed, and in how many passes. */
  readonly done: { chunks: number; passes: number } = { chunks: 0, passes: 0 };

  /** @param maxBatch most streams at once */
  constructor(
    private readonly engine: Engine,
    readonly looped: Looped,
    private readonly maxBatch: number = 32,
  ) {}

  join(): void {
    this.streams++;
  }

  /** Gives a stream up; what it waits for is not computed. */
  leave(stream: LoopedStream): void {
    this.streams--;
    for (const { reject } of this.waiting.filter((one) => one.stream === stream))
      reject(new Error('the stream was disposed'));
    this.waiting = this.waiting.filter((one) => one.stream !== stream);
  }

  /**
   * Computes a stream's next chunk: rows of scores.
   *
   * @param frames `looped.firstFrames` rows at first, then `looped.chunk`
   */
  async compute(stream: LoopedStream, frames: Float32Array, ivector?: Float32Array): Promise<Matrix> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ stream, frames, ivector, resolve, reject });
      if (this.streams <= 1) this.run();
      else if (this.waiting.length === 1) soon(() => this.run());
    });
  }

  private run(): void {
    const byPhase = new Map<number, Waiting[]>();
    for (const one of this.waiting) {
      const { phase } = one.stream;
      const same = byPhase.get(phase);
      if (same) same.push(one);
      else byPhase.set(phase, [one]);
    }
    this.waiting = [];
    for (const same of byPhase.values())
      for (let at = 0; at < same.length;) {
        const count = Math.min(this.maxBatch, 1 << Math.floor(Math.log2(same.length - at)));
        void this.batch(same.slice(at, at + count));
        at += count;
      }
  }

  private async batch(members: readonly Waiting[]): Promise<void> {
    let pass: Pass;
    try {
      pass = this.advance(members);
    } catch (error) {
      // One that cannot be computed must not take the others with it.
      if (members.length === 1) members[0]!.reject(error);
      else for (const member of members) void this.batch([member]);
      return;
    }
    this.done.chunks += members.length;
    this.done.passes++;
    try {
      const output = pass.output('output');
      const values = await this.engine.read(output);
      members.forEach(({ resolve }, s) => resolve(ofStream(values, output.cols, members.length, s)));
    } catch (error) {
      for (const { reject } of members) reject(error);
    } finally {
      pass.dispose();
    }
  }

  private advance(members: readonly Waiting[]): Pass {
    const { engine, looped } = this;
    const [{ stream, ivector }] = members as [Waiting, ...Waiting[]];
    const rows = stream.chunks === 0 ? looped.firstFrames : looped.chunk;
    const together = (rows: number, parts: readonly Float32Array[]): Tensor => {
      const cols = parts[0]!.length / rows;
      return engine.tensor(rows * parts.length, cols, timeMajor(parts, cols));
    };
    const input = together(
      rows,
      members.map((m) => m.frames),
    );
    const ivectors =
      ivector &&
      together(
        1,
        members.map((m) => m.ivector!),
      );
    try {
      const streams = members.map((m) => m.stream);
      return looped.advance(streams, ivectors ? { input, ivector: ivectors } : { input });
    } finally {
      engine.dispose(input, ivectors);
    }
  }
}

/** Rows of streams, those of one time next to each other. */
function timeMajor(streams: readonly Float32Array[], cols: number): Float32Array {
  const [only] = streams;
  if (streams.length === 1) return only!;
  const joined = new Float32Array(streams.length * only!.length);
  streams.forEach((values, s) => {
    for (let from = 0, to = s * cols; from < values.length; from += cols, to += streams.length * cols)
      joined.set(values.subarray(from, from + cols), to);
  });
  return joined;
}

/** The rows of one of several streams; a copy. */
function ofStream(values: Float32Array, cols: number, streams: number, s: number): Matrix {
  const rows = values.length / (cols * streams);
  const own = matrix(rows, cols);
  for (let r = 0; r < rows; r++) {
    const from = (r * streams + s) * cols;
    own.data.set(values.subarray(from, from + cols), r * cols);
  }
  return own;
}
