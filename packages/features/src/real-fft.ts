import { type ComplexFft, complexFft } from './complex-fft.js';
import { sincosf } from './float-math.js';

const f32 = Math.fround;

/**
 * The forward Fourier transform of real signals of one even length, in 32-bit arithmetic and in the order of
 * operations of Kaldi's (matrix/srfft.cc, matrix-functions.cc). The order matters: where a frame holds a loud tone,
 * the quiet Fourier bins are made of rounding errors, and its log features show them.
 */
export class RealFft {
  private readonly half: ComplexFft;
  private readonly cos: Float32Array;
  private readonly sin: Float32Array;

  /** @param length even, 2 or more */
  constructor(readonly length: number) {
    if (!Number.isInteger(length) || length < 2 || length % 2 !== 0)
      throw new RangeError(`RealFft: expected an even length of 2 or more, found ${length}`);
    this.half = complexFft(length / 2);
    ({ cos: this.cos, sin: this.sin } = realTwiddles(length));
  }

  /**
   * The transform in Kaldi's order: `re[0], re[length / 2], re[1], im[1], re[2], im[2], ...`.
   *
   * @param signal `length` samples
   * @param out gets `length` values
   */
  transform(signal: Float32Array, out: Float32Array): void {
    const { half, cos, sin } = this;
    const { re, im } = half;
    for (let i = 0, j = 0; i < re.length; i++, j += 2) {
      re[i] = signal[j]!;
      im[i] = signal[j + 1]!;
    }
    half.transform();
    const n = re.length;
    out[0] = re[0]! + im[0]!;
    out[1] = re[0]! - im[0]!;
    for (let k = 1, m = n - 1; k <= m; k++, m--) {
      const c = cos[k]!;
      const s = sin[k]!;
      const evenRe = f32(0.5 * f32(re[k]! + re[m]!));
      const evenIm = f32(0.5 * f32(im[k]! - im[m]!));
      const oddRe = f32(0.5 * f32(im[k]! + im[m]!));
      const oddIm = f32(-0.5 * f32(re[k]! - re[m]!));
      const turnedRe = f32(f32(c * oddRe) - f32(s * oddIm));
      const turnedIm = f32(f32(c * oddIm) + f32(s * oddRe));
      out[2 * k] = evenRe + turnedRe;
      out[2 * k + 1] = evenIm + turnedIm;
      if (k === m) break;
      out[2 * m] = evenRe - turnedRe;
      out[2 * m + 1] = turnedIm - evenIm;
    }
  }

  /**
   * Squared magnitudes.
   *
   * @param signal `length` samples; overwritten
   * @param power gets `length / 2 + 1` values
   */
  powerSpectrum(signal: Float32Array, power: Float32Array): void {
    this.transform(signal, signal);
    const n = this.length / 2;
    power[0] = f32(signal[0]! * signal[0]!);
    power[n] = f32(signal[1]! * signal[1]!);
    for (let k = 1; k < n; k++) {
      const re = signal[2 * k]!;
      const im = signal[2 * k + 1]!;
      power[k] = f32(re * re) + f32(im * im);
    }
  }
}

/** `exp(-2 pi i k / length)` for k = 0 .. length / 4, by repeated multiplication, rounding errors and all. */
export function realTwiddles(length: number): { cos: Float32Array; sin: Float32Array } {
  const [rootIm, rootRe] = sincosf((-2 * Math.PI) / length);
  const size = Math.floor(length / 4) + 1;
  const cos = new Float32Array(size);
  const sin = new Float32Array(size);
  cos[0] = 1;
  for (let k = 1; k < size; k++) {
    const [re, im] = [cos[k - 1]!, sin[k - 1]!];
    cos[k] = f32(re * rootRe) - f32(im * rootIm);
    sin[k] = f32(re * rootIm) + f32(im * rootRe);
  }
  return { cos, sin };
}
