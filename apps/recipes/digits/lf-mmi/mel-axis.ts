/** Where mel bins lie, so that features can be warped without the spectrum that they were made of. */
export class MelAxis {
  /** For each bin how many bins it moves when frequencies grow e-fold. */
  readonly slopes: Float32Array;
  private readonly low: number;
  private readonly step: number;

  /** Of Kaldi's default band: 20 hertz to half the sample rate. */
  constructor(
    private readonly bins: number,
    private readonly sampleRate: number,
  ) {
    this.low = mel(20);
    this.step = (mel(sampleRate / 2) - this.low) / (bins + 1);
    // The derivative of the mel scale by the logarithm of the frequency.
    this.slopes = Float32Array.from({ length: bins }, (_, bin) => {
      const hertz = this.hertzOf(bin);
      return (1127 * hertz) / (700 + hertz) / this.step;
    });
  }

  private hertzOf(bin: number): number {
    return inverse(this.low + (bin + 1) * this.step);
  }

  /**
   * For each bin the place on the axis (in bins) whose value it gets when frequencies are divided by `factor`.
   *
   * @param bend how much larger the factor is at the upper end than at the lower
   */
  warped(factor: number, bend: number): Float32Array {
    return Float32Array.from({ length: this.bins }, (_, bin) => {
      const hertz = this.hertzOf(bin);
      const from = hertz * factor * (1 + bend * (hertz / (this.sampleRate / 2) - 0.4));
      const place = (mel(from) - this.low) / this.step - 1;
      return Math.min(this.bins - 1, Math.max(0, place));
    });
  }
}

const mel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700);
const inverse = (value: number): number => 700 * (Math.exp(value / 1127) - 1);
