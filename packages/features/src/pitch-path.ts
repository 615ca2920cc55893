import type { PitchOptions } from './pitch-options.js';

const f32 = Math.fround;

interface PathFrame {
  /** The best state before each state. */
  readonly back: Int16Array;
  /** Correlation without ballast at each state. */
  readonly nccf: Float32Array;
  /** The state on the best path, when last traced; -1 before. */
  best: number;
}

/**
 * The best path through the lags, frame by frame: a Viterbi search whose cost of a step is the square of its size.
 * Frames that no later one can change are dropped, so memory stays flat.
 */
export class PitchPath {
  /** Lag index and correlation of each frame on the best path so far. */
  readonly lags: number[] = [];
  readonly nccf: number[] = [];
  private readonly frames: PathFrame[] = [];
  /** Frames dropped before `frames[0]`. */
  private settled = 0;
  private cost: Float32Array;
  private next: Float32Array;
  private readonly stepCost: number;
  private readonly softMinF0: number;

  constructor(
    private readonly lagTimes: Float32Array,
    options: PitchOptions,
  ) {
    this.cost = new Float32Array(lagTimes.length);
    this.next = new Float32Array(lagTimes.length);
    this.stepCost = f32(f32(Math.log(1 + f32(options.deltaPitch)) ** 2) * f32(options.penaltyFactor));
    this.softMinF0 = f32(options.softMinF0);
  }

  get length(): number {
    return this.settled + this.frames.length;
  }

  /**
   * Adds a frame.
   *
   * @param pitchNccf correlation with ballast, which the path follows
   * @param povNccf correlation without ballast, which is reported
   */
  add(pitchNccf: Float32Array, povNccf: Float32Array): void {
    const frame: PathFrame = { back: new Int16Array(this.cost.length), nccf: povNccf, best: -1 };
    this.step(pitchNccf, frame);
    this.frames.push(frame);
  }

  /** Computes the whole path anew with other correlations, one a frame; only before any frame was dropped. */
  recompute(pitchNccfs: readonly Float32Array[]): void {
    this.cost.fill(0);
    pitchNccfs.forEach((nccf, i) => {
      this.frames[i]!.best = -1;
      this.step(nccf, this.frames[i]!);
    });
  }

  private step(pitchNccf: Float32Array, frame: PathFrame): void {
    const { cost, next, lagTimes, softMinF0 } = this;
    this.bestBefore(frame.back, 0, cost.length - 1, 0, cost.length - 1);
    let least = Infinity;
    for (let i = 0; i < next.length; i++) {
      const nccf = pitchNccf[i]!;
      const local = f32(f32(1 - nccf) + f32(f32(softMinF0 * nccf) * lagTimes[i]!));
      next[i] = f32(this.arrival(frame.back[i]!, i) + local);
      if (next[i]! < least) least = next[i]!;
    }
    // Costs are kept near zero, where 32 bits tell them apart best.
    for (let i = 0; i < next.length; i++) next[i] = next[i]! - least;
    [this.cost, this.next] = [next, cost];
  }

  private arrival(from: number, to: number): number {
    return f32(f32((from - to) * (from - to) * this.stepCost) + this.cost[from]!);
  }

  /**
   * Fills `back` from state `low` to `high`, knowing that the best state before lies from `least` to `most`. The
   * best state before never falls as the state grows, so the middle one bounds both halves.
   */
  private bestBefore(back: Int16Array, low: number, high: number, least: number, most: number): void {
    if (low > high) return;
    const middle = (low + high) >> 1;
    let best = least;
    let bestCost = Infinity;
    for (let j = least; j <= most; j++) {
      const cost = this.arrival(j, middle);
      if (cost < bestCost) {
        bestCost = cost;
        best = j;
      }
    }
    back[middle] = best;
    this.bestBefore(back, low, middle - 1, least, best);
    this.bestBefore(back, middle + 1, high, best, most);
  }

  /** Traces the path back from the best last state, as far as it changed. */
  trace(): void {
    let state = this.cost.indexOf(this.cost.reduce((a, b) => Math.min(a, b), Infinity));
    for (let i = this.frames.length - 1; i >= 0; i--) {
      const frame = this.frames[i]!;
      if (frame.best === state) break;
      frame.best = state;
      this.lags[this.settled + i] = state;
      this.nccf[this.settled + i] = frame.nccf[state]!;
      state = frame.back[state]!;
    }
  }

  /** How many of the last frames may still change, at most `limit`. */
  latency(limit: number): number {
    let low = 0;
    let high = this.cost.length - 1;
    let latency = 0;
    for (let i = this.frames.length - 1; i >= 0 && latency < limit; i--) {
      low = this.frames[i]!.back[low]!;
      high = this.frames[i]!.back[high]!;
      if (low === high) break;
      latency++;
    }
    return latency;
  }

  /** Drops the frames that all paths share. */
  settle(): void {
    let low = 0;
    let high = this.cost.length - 1;
    for (let i = this.frames.length - 1; i > 0; i--) {
      low = this.frames[i]!.back[low]!;
      high = this.frames[i]!.back[high]!;
      if (low !== high) continue;
      this.frames.splice(0, i);
      this.settled += i;
      return;
    }
  }
}
