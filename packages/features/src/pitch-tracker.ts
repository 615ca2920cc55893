import { LinearResample } from './linear-resample.js';
import { Nccf } from './nccf.js';
import type { PitchOptions } from './pitch-options.js';
import { PitchPath } from './pitch-path.js';

const f32 = Math.fround;

/** What a frame was computed with, kept until the energy is known better. */
interface FirstGuess {
  nccf: Float32Array;
  readonly normProduct: number;
  readonly meanSquare: number;
}

/** Tracks the pitch of a wave that comes piece by piece (Kaldi's OnlinePitchFeature, feat/pitch-functions.cc). */
export class PitchTracker {
  private readonly nccf: Nccf;
  private readonly path: PitchPath;
  private readonly resampler: LinearResample;
  private guesses: FirstGuess[] = [];
  private ended = false;
  private latency = 0;
  /** Resampled samples that later frames need, from index `offset` of the resampled wave on. */
  private kept: Float32Array = new Float32Array(0);
  private offset = 0;
  private total = 0;
  private sum = 0;
  private sumOfSquares = 0;

  constructor(private readonly options: PitchOptions) {
    this.nccf = new Nccf(options);
    this.path = new PitchPath(this.nccf.lags, options);
    this.resampler = new LinearResample(options.sampleFrequency, options.resampleFrequency, {
      cutoff: options.lowpassCutoff,
      numZeros: options.lowpassFilterWidth,
    });
  }

  /** Frames whose pitch can be read; it may be revised as long as samples come. */
  get framesReady(): number {
    return this.path.lags.length - this.latency;
  }

  /** Writes the correlation (-1 to 1) and pitch (hertz) of a frame. */
  read(frame: number, out: Float32Array, at: number): void {
    out[at] = this.path.nccf[frame]!;
    out[at + 1] = 1 / this.nccf.lags[this.path.lags[frame]!]!;
  }

  push(samples: Float32Array): void {
    this.take(this.resampler.push(samples));
  }

  /** Ends the wave: every frame is then final. */
  flush(): void {
    this.ended = true;
    this.take(this.resampler.flush());
    if (this.path.length < this.options.recomputeFrame && !this.options.nccfBallastOnline) this.recompute();
    this.latency = 0;
  }

  private take(samples: Float32Array): void {
    const { options, nccf, path } = this;
    const joined = new Float32Array(this.kept.length + samples.length);
    joined.set(this.kept);
    joined.set(samples, this.kept.length);
    this.kept = joined;
    const before = this.total;
    this.total += samples.length;
    const from = path.length;
    const to = this.framesAvailable();
    const frame = new Float32Array(nccf.fullSize);
    const online = options.nccfBallastOnline;
    const energy = { samples: before, sum: this.sum, squares: this.sumOfSquares };
    const upTo = (end: number): void => {
      for (; energy.samples < end; energy.samples++) {
        const x = joined[energy.samples - this.offset]!;
        energy.sum += x;
        energy.squares += x * x;
      }
    };
    if (!online) upTo(this.total);
    for (let f = from; f < to; f++) {
      const start = options.snipEdges
        ? f * nccf.windowShift
        : Math.trunc((f + 0.5) * nccf.windowShift) - Math.trunc(nccf.fullSize / 2);
      this.cut(start, frame);
      if (online) upTo(Math.min(start + nccf.fullSize, this.total));
      const meanSquare = energy.squares / energy.samples - (energy.sum / energy.samples) ** 2;
      const normProduct = nccf.measure(frame);
      const pitchNccf = nccf.correlation(this.ballast(meanSquare));
      path.add(pitchNccf, nccf.correlation(0));
      if (f < options.recomputeFrame) this.guesses.push({ nccf: pitchNccf, normProduct, meanSquare: f32(meanSquare) });
      if (f === options.recomputeFrame - 1 && !online) {
        upTo(this.total);
        this.recompute(energy);
      }
    }
    upTo(this.total);
    this.sum = energy.sum;
    this.sumOfSquares = energy.squares;
    if (to > from) {
      path.trace();
      this.latency = path.latency(options.maxFramesLatency);
      if (online || path.length >= options.recomputeFrame) path.settle();
    }
    this.forget();
  }

  private ballast(meanSquare: number): number {
    return (meanSquare * this.nccf.windowSize) ** 2 * f32(this.options.nccfBallast);
  }

  /** With the energy known better: scales the first frames' correlations and tracks them anew. */
  private recompute(energy = { samples: this.total, sum: this.sum, squares: this.sumOfSquares }): void {
    const meanSquare = f32(energy.squares / energy.samples - (energy.sum / energy.samples) ** 2);
    const differs = (guess: FirstGuess): boolean =>
      Math.abs(guess.meanSquare - meanSquare) > f32(0.01) * (Math.abs(guess.meanSquare) + Math.abs(meanSquare));
    if (this.guesses.some(differs)) {
      const ballast = f32(this.ballast(meanSquare));
      for (const guess of this.guesses) {
        const old = f32(this.ballast(guess.meanSquare));
        const scale = f32(Math.sqrt((old + guess.normProduct) / (ballast + guess.normProduct)));
        guess.nccf = guess.nccf.map((x) => x * scale);
      }
      this.path.recompute(this.guesses.map((guess) => guess.nccf));
      this.path.trace();
      this.latency = this.path.latency(this.options.maxFramesLatency);
    }
    this.guesses = [];
  }

  private framesAvailable(): number {
    const { windowShift, windowSize, lastLag } = this.nccf;
    const size = windowSize + (this.ended ? 0 : lastLag);
    if (this.total < size) return this.path.length;
    const frames = this.options.snipEdges
      ? Math.trunc((this.total - size) / windowShift) + 1
      : Math.trunc((this.total - (this.ended ? 0 : Math.trunc(size / 2))) / windowShift + 0.5);
    return Math.max(frames, this.path.length);
  }

  /** Copies samples from `start` of the resampled wave on, with silence before and after it; pre-emphasis. */
  private cut(start: number, frame: Float32Array): void {
    const { offset, kept } = this;
    const coefficient = f32(this.options.preemphasisCoefficient);
    let before = 0;
    for (let i = 0; i < frame.length; i++) {
      const at = start + i;
      if (at < 0 || at >= this.total) {
        frame[i] = 0;
        continue;
      }
      const x = kept[at - offset]!;
      const first = i === 0 || at === 0;
      frame[i] = coefficient === 0 ? x : first ? x * (1 - coefficient) : x - f32(coefficient * before);
      before = x;
    }
  }

  private forget(): void {
    const { windowShift, fullSize } = this.nccf;
    const next = this.path.length * windowShift - (this.options.snipEdges ? 0 : fullSize);
    const drop = Math.min(Math.max(0, next - this.offset), this.kept.length);
    this.kept = this.kept.slice(drop);
    this.offset += drop;
  }
}
