import { ArbitraryResample } from './arbitrary-resample.js';
import type { PitchOptions } from './pitch-options.js';

const f32 = Math.fround;

/**
 * The normalised cross-correlation of a frame with itself at later lags, read at lags that grow by a constant ratio
 * (Ghahremani et al., A pitch extraction algorithm tuned for automatic speech recognition, 2014).
 */
export class Nccf {
  /** Lags in seconds that the correlation is read at; 1 / lag is the pitch. */
  readonly lags: Float32Array;
  /** Samples of a frame, without the lags. */
  readonly windowSize: number;
  readonly windowShift: number;
  /** Samples of a frame with the lags. */
  readonly fullSize: number;
  readonly lastLag: number;
  private readonly firstLag: number;
  private readonly resampler: ArbitraryResample;
  private readonly inner: Float32Array;
  private readonly norm: Float32Array;
  private readonly measured: Float32Array;
  private readonly centered: Float32Array;

  constructor(options: PitchOptions) {
    const rate = options.resampleFrequency;
    const width = options.upsampleFilterWidth;
    this.windowSize = Math.trunc((rate * f32(options.frameLength)) / 1000);
    this.windowShift = Math.trunc((rate * f32(options.frameShift)) / 1000);
    const [minF0, maxF0] = [f32(options.minF0), f32(options.maxF0)];
    this.firstLag = Math.ceil(rate * (1 / maxF0 - width / (2 * rate)));
    this.lastLag = Math.floor(rate * (1 / minF0 + width / (2 * rate)));
    this.fullSize = this.windowSize + this.lastLag;
    this.lags = selectLags(minF0, maxF0, f32(options.deltaPitch));
    const count = this.lastLag + 1 - this.firstLag;
    const start = f32(-this.firstLag / rate);
    this.resampler = new ArbitraryResample(
      count,
      rate,
      rate * 0.5,
      this.lags.map((lag) => lag + start),
      width,
    );
    this.inner = new Float32Array(count);
    this.norm = new Float32Array(count);
    this.measured = new Float32Array(count);
    this.centered = new Float32Array(this.fullSize);
  }

  /**
   * Takes a frame of `fullSize` samples.
   *
   * @returns the mean product of energies, which the ballast is weighed against
   */
  measure(frame: Float32Array): number {
    const { centered, windowSize, firstLag, inner, norm } = this;
    let sum = 0;
    for (let i = 0; i < windowSize; i++) sum += frame[i]!;
    const mean = f32(f32(sum) / windowSize);
    for (let i = 0; i < centered.length; i++) centered[i] = frame[i]! - mean;
    let energy = 0;
    for (let i = 0; i < windowSize; i++) energy += centered[i]! * centered[i]!;
    energy = f32(energy);
    let total = 0;
    for (let k = 0; k < inner.length; k++) {
      const lag = firstLag + k;
      let product = 0;
      let shifted = 0;
      for (let i = 0; i < windowSize; i++) {
        const x = centered[lag + i]!;
        product += centered[i]! * x;
        shifted += x * x;
      }
      inner[k] = product;
      norm[k] = energy * f32(shifted);
      total += norm[k]!;
    }
    return f32(f32(total) / norm.length);
  }

  /** The correlation of the frame last measured, at `lags`; `ballast` lowers it where the frame is quiet. */
  correlation(ballast: number): Float32Array {
    const { inner, norm, measured } = this;
    for (let k = 0; k < inner.length; k++) {
      const denominator = f32(Math.sqrt(f32(norm[k]! + f32(ballast))));
      measured[k] = denominator === 0 ? 0 : inner[k]! / denominator;
    }
    const result = new Float32Array(this.lags.length);
    this.resampler.resample(measured, result);
    return result;
  }
}

function selectLags(minF0: number, maxF0: number, delta: number): Float32Array {
  const lags: number[] = [];
  const last = f32(1 / minF0);
  for (let lag = f32(1 / maxF0); lag <= last; lag = f32(lag * (1 + delta))) lags.push(lag);
  return Float32Array.from(lags);
}
