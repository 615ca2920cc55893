const f32 = Math.fround;

/** Reads an evenly sampled signal at any points in time, by a windowed sinc (Kaldi's ArbitraryResample). */
export class ArbitraryResample {
  private readonly first: Int32Array;
  private readonly weights: readonly Float32Array[];

  /**
   * @param length samples of the input
   * @param rate of the input in hertz
   * @param cutoff of the low-pass filter in hertz, at most half the rate
   * @param points times in seconds to read at, 0 being the first sample
   * @param numZeros zero crossings of the filter on either side
   */
  constructor(length: number, rate: number, cutoff: number, points: Float32Array, numZeros: number) {
    const width = f32(numZeros / (2 * cutoff));
    this.first = new Int32Array(points.length);
    this.weights = Array.from(points, (t, i) => {
      const first = Math.max(0, Math.ceil(f32(rate * f32(t - width))));
      const last = Math.min(length - 1, Math.floor(f32(rate * f32(t + width))));
      this.first[i] = first;
      return Float32Array.from(
        { length: Math.max(0, last - first + 1) },
        (_, j) => windowedSinc(f32(t - f32((first + j) / rate)), cutoff, numZeros) / rate,
      );
    });
  }

  /** Reads `input` into `output`, one value a point. */
  resample(input: Float32Array, output: Float32Array): void {
    const { first, weights } = this;
    for (let i = 0; i < output.length; i++) {
      const w = weights[i]!;
      const start = first[i]!;
      let sum = 0;
      for (let j = 0; j < w.length; j++) sum += w[j]! * input[start + j]!;
      output[i] = sum;
    }
  }
}

/** A sinc of cut-off `cutoff` hertz under a raised cosine of `numZeros` zero crossings a side, at `t` seconds. */
export function windowedSinc(t: number, cutoff: number, numZeros: number): number {
  if (Math.abs(t) >= numZeros / (2 * cutoff)) return 0;
  const window = f32(0.5 * (1 + Math.cos(((2 * Math.PI * cutoff) / numZeros) * t)));
  const sinc = f32(t === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * t) / (Math.PI * t));
  return f32(sinc * window);
}
