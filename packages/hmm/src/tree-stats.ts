import type { KaldiInput, KaldiOutput, Matrix } from '@jebena/io-ark';
import { alignmentToPhoneRuns } from './alignment.js';
import { HmmError } from './errors.js';
import type { TransitionModel } from './transition-model.js';

/** Frames of one event: how many, their sum and the sum of their squares. */
export interface GaussianStats {
  count: number;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

/** An event: phones of the window by position (absent where context is not looked at), and the pdf class under -1. */
export interface StatsEntry extends GaussianStats {
  /** Keys ascending: the pdf class first. */
  readonly event: ReadonlyMap<number, number>;
}

export interface TreeStatsOptions {
  /** Phones in the window. Default 3. */
  readonly contextWidth?: number | undefined;
  /** Where the phone itself stands in it. Default 1. */
  readonly centralPosition?: number | undefined;
  /** Phones whose neighbours are not looked at: silence, mostly. */
  readonly contextIndependent?: Iterable<number> | undefined;
}

/**
 * Statistics for building a tree: of each phone in its context and each of its pdf classes, the Gaussian of its
 * frames (acc-tree-stats; hmm/tree-accu.cc).
 */
export class TreeStats {
  readonly contextWidth: number;
  readonly centralPosition: number;
  private readonly contextIndependent: ReadonlySet<number>;
  private readonly byEvent = new Map<string, StatsEntry>();

  constructor({ contextWidth = 3, centralPosition = 1, contextIndependent = [] }: TreeStatsOptions = {}) {
    this.contextWidth = contextWidth;
    this.centralPosition = centralPosition;
    this.contextIndependent = new Set(contextIndependent);
  }

  get entries(): StatsEntry[] {
    return [...this.byEvent.values()];
  }

  /**
   * Adds an utterance.
   *
   * @throws HmmError where alignment and features differ in length, or an id is unknown
   */
  add(model: TransitionModel, alignment: ArrayLike<number>, feats: Matrix): void {
    if (alignment.length !== feats.rows)
      throw new HmmError(
        'ERR_HMM_ALIGNMENT',
        `tree statistics: ${alignment.length} frames aligned, ${feats.rows} in the features`,
      );
    const runs = alignmentToPhoneRuns(model, alignment);
    runs.forEach(({ phone, start, length }, at) => {
      const window: [number, number][] = [];
      for (let i = 0; i < this.contextWidth; i++) {
        const centre = i === this.centralPosition;
        if (centre || !this.contextIndependent.has(phone))
          window.push([i, runs[at + i - this.centralPosition]?.phone ?? 0]);
      }
      for (let t = start; t < start + length; t++) {
        const tid = alignment[t]!;
        const state = model.topology.entry(phone)[model.tidToHmmState[tid]!]!;
        const pdfClass = model.tidIsSelfLoop[tid] ? state.selfLoopPdfClass : state.forwardPdfClass;
        this.addFrame([[-1, pdfClass], ...window], feats.data.subarray(t * feats.cols, (t + 1) * feats.cols));
      }
    });
  }

  private addFrame(event: readonly (readonly [number, number])[], frame: Float32Array): void {
    const key = event.join(';');
    let entry = this.byEvent.get(key);
    if (!entry) {
      entry = {
        event: new Map(event),
        count: 0,
        sum: new Float64Array(frame.length),
        squares: new Float64Array(frame.length),
      };
      this.byEvent.set(key, entry);
    }
    entry.count++;
    for (let d = 0; d < frame.length; d++) {
      entry.sum[d]! += frame[d]!;
      entry.squares[d]! += frame[d]! * frame[d]!;
    }
  }

  /** Reads a file of acc-tree-stats; its contexts are told by the events. */
  static read(input: KaldiInput, options: TreeStatsOptions = {}): TreeStats {
    const stats = new TreeStats(options);
    input.expectToken('BTS');
    const count = input.readCount('a number of statistics');
    for (let i = 0; i < count; i++) {
      input.expectToken('EV');
      const event = new Map<number, number>();
      const size = input.readCount('the size of an event', 1000);
      for (let j = 0; j < size; j++) event.set(input.readInt32('a key'), input.readInt32('a value'));
      if (!input.readBool()) continue;
      input.expectToken('GCL');
      const frames = input.readFloat('a count');
      input.readFloat('a variance floor');
      const { rows, cols, data } = input.readAnyMatrix();
      if (rows !== 2) input.fail('statistics of two rows', `${rows} rows`);
      const at = (row: number): Float64Array => Float64Array.from(data.subarray(row * cols, (row + 1) * cols));
      stats.byEvent.set([...event].join(';'), { event, count: frames, sum: at(0), squares: at(1) });
    }
    return stats;
  }

  write(output: KaldiOutput, varFloor: number = 0.01): void {
    const newline = (): void => (output.binary ? undefined : output.writeNewline());
    output.writeToken('BTS');
    output.writeInt32(this.byEvent.size);
    newline();
    for (const { event, count, sum, squares } of this.byEvent.values()) {
      output.writeToken('EV');
      output.writeInt32(event.size);
      for (const [key, value] of event) {
        output.writeInt32(key);
        output.writeInt32(value);
      }
      newline();
      output.writeBool(true);
      output.writeToken('GCL');
      output.writeDouble(count);
      output.writeDouble(varFloor);
      output.writeMatrix({ rows: 2, cols: sum.length, data: Float64Array.from([...sum, ...squares]) });
      newline();
    }
  }
}

/** Adds statistics up. */
export function sumStats(entries: readonly GaussianStats[]): GaussianStats {
  const dim = entries[0]?.sum.length ?? 0;
  const total = { count: 0, sum: new Float64Array(dim), squares: new Float64Array(dim) };
  for (const { count, sum, squares } of entries) {
    total.count += count;
    for (let d = 0; d < dim; d++) {
      total.sum[d]! += sum[d]!;
      total.squares[d]! += squares[d]!;
    }
  }
  return total;
}

/** Log-likelihood of frames under the Gaussian with diagonal covariance that fits them best (GaussClusterable::Objf). */
export function gaussianLike({ count, sum, squares }: GaussianStats, varFloor: number = 0.01): number {
  if (count <= 0) return 0;
  let like = 0;
  for (let d = 0; d < sum.length; d++) {
    const mean = sum[d]! / count;
    const variance = squares[d]! / count - mean * mean;
    const floored = Math.max(variance, varFloor);
    like += Math.log(2 * Math.PI * floored) + variance / floored;
  }
  return -0.5 * count * like;
}
