import { logf } from './float-math.js';
import { UsageError, type OptionValues, atLeast, bool, defineOptions, float, int } from '@jebena/options';

/** The mel filters: Kaldi's MelBanksOptions (feat/mel-computations.h). */
export const melOptions = defineOptions({
  numMelBins: int(23, 'Number of triangular mel bins', atLeast(3)),
  lowFreq: float(20, 'Lower edge of the first bin in hertz'),
  highFreq: float(0, 'Upper edge of the last bin in hertz; 0 or less is added to the Nyquist frequency'),
  vtlnLow: float(100, 'Lower inflection point of the warping function in hertz'),
  vtlnHigh: float(-500, 'Upper inflection point of the warping function; negative: added to the Nyquist frequency'),
  debugMel: bool(false, "Taken for Kaldi's sake: the filters can be read from MelBanks instead"),
});

export type MelOptions = OptionValues<typeof melOptions>;

/** The least value that a mel energy's logarithm is taken of. */
export const melFloor: number = 2 ** -23;

const f32 = Math.fround;
const melScale = (hertz: number): number => f32(1127 * logf(f32(1 + f32(hertz / 700))));
const inverseMelScale = (mel: number): number => f32(700 * f32(f32(Math.exp(f32(mel / 1127))) - 1));

/**
 * Triangular filters, evenly spaced on the mel scale. The edges are computed in 32 bits, as Kaldi does, since a
 * Fourier bin that lies on an edge would else fall to the other side.
 */
export class MelBanks {
  /** Centre of each filter in hertz. */
  readonly centers: Float32Array;
  /** First Fourier bin of each filter. */
  readonly first: Int32Array;
  /** Where each filter's weights start in `weights`; one more entry than filters. */
  readonly start: Int32Array;
  readonly weights: Float32Array;

  /**
   * @param paddedSize length of the Fourier transform, even
   * @param vtlnWarp warp factor of the speaker (1: none), from about 0.8 to 1.2
   * @throws UsageError for edges that do not fit the sample frequency, or so many bins that some are empty
   */
  constructor(options: MelOptions, sampleFrequency: number, paddedSize: number, vtlnWarp: number = 1) {
    if (paddedSize % 2 !== 0)
      throw new UsageError(`mel bins: expected frames of an even number of samples, found ${paddedSize}`);
    const warp = f32(vtlnWarp);
    const bins = options.numMelBins;
    const nyquist = f32(0.5 * f32(sampleFrequency));
    const low = f32(options.lowFreq);
    const high = options.highFreq > 0 ? f32(options.highFreq) : f32(nyquist + f32(options.highFreq));
    if (low < 0 || low >= nyquist || high <= 0 || high > nyquist || high <= low)
      throw new UsageError(
        `mel bins: expected 0 <= low-freq < high-freq <= ${nyquist} (Nyquist), found low-freq ${low}, high-freq ${high}`,
      );
    const vtlnLow = f32(options.vtlnLow);
    const vtlnHigh = options.vtlnHigh < 0 ? f32(f32(options.vtlnHigh) + nyquist) : f32(options.vtlnHigh);
    if (warp !== 1 && (vtlnLow < 0 || vtlnLow <= low || vtlnLow >= high || vtlnHigh >= high || vtlnHigh <= vtlnLow))
      throw new UsageError(
        `mel bins: expected ${low} < vtln-low < vtln-high < ${high}, found vtln-low ${vtlnLow}, vtln-high ${vtlnHigh}`,
      );
    const warped = (mel: number): number =>
      warp === 1 ? mel : melScale(warpFrequency(vtlnLow, vtlnHigh, low, high, warp, inverseMelScale(mel)));

    const melLow = melScale(low);
    const delta = f32(f32(melScale(high) - melLow) / (bins + 1));
    const edge = (i: number): number => warped(f32(melLow + f32(i * delta)));
    const width = f32(f32(sampleFrequency) / paddedSize);
    const mels = Float32Array.from({ length: paddedSize / 2 }, (_, i) => melScale(f32(width * i)));

    this.centers = new Float32Array(bins);
    this.first = new Int32Array(bins);
    this.start = new Int32Array(bins + 1);
    const weights: number[] = [];
    for (let bin = 0; bin < bins; bin++) {
      const left = edge(bin);
      const center = edge(bin + 1);
      const right = edge(bin + 2);
      this.centers[bin] = inverseMelScale(center);
      this.first[bin] = mels.findIndex((mel) => mel > left && mel < right);
      if (this.first[bin] === -1)
        throw new UsageError(`mel bins: expected a Fourier bin in each, found none in bin ${bin} of ${bins}: too many`);
      for (let i = this.first[bin]!; i < mels.length && mels[i]! < right; i++) {
        const mel = mels[i]!;
        weights.push(
          f32(mel <= center ? f32(mel - left) / f32(center - left) : f32(right - mel) / f32(right - center)),
        );
      }
      this.start[bin + 1] = weights.length;
    }
    this.weights = Float32Array.from(weights);
  }

  get count(): number {
    return this.first.length;
  }

  /**
   * Sums a power (or magnitude) spectrum, `power` from index `bin` on, into the filters; products in 32 bits, sums in
   * 64, as OpenBLAS does for Kaldi.
   */
  compute(power: Float32Array, bin: number, energies: Float32Array): void {
    const { first, start, weights } = this;
    for (let m = 0; m < first.length; m++) {
      const end = start[m + 1]!;
      let sum = 0;
      for (let w = start[m]!, k = bin + first[m]!; w < end; w++, k++) sum += f32(weights[w]! * power[k]!);
      energies[m] = sum;
    }
  }
}

/** Kaldi's piecewise linear warp: the identity at `low` and `high`, division by `warp` between the inflection points. */
function warpFrequency(
  vtlnLow: number,
  vtlnHigh: number,
  low: number,
  high: number,
  warp: number,
  hertz: number,
): number {
  if (hertz < low || hertz > high) return hertz;
  const l = f32(vtlnLow * Math.max(1, warp));
  const h = f32(vtlnHigh * Math.min(1, warp));
  const scale = f32(1 / warp);
  if (l <= low || h >= high)
    throw new UsageError(`mel bins: expected vtln-low and vtln-high to stay within ${low} to ${high} at warp ${warp}`);
  if (hertz < l) return f32(low + f32(f32(f32(scale * l) - low) / f32(l - low)) * f32(hertz - low));
  if (hertz < h) return f32(scale * hertz);
  return f32(high + f32(f32(high - f32(scale * h)) / f32(high - h)) * f32(hertz - high));
}

/** Mel filters by warp factor, each made once. */
export class MelBanksByWarp {
  private readonly made = new Map<number, MelBanks>();
  constructor(private readonly make: (vtlnWarp: number) => MelBanks) {
    this.get(1);
  }
  get(vtlnWarp: number): MelBanks {
    let banks = this.made.get(vtlnWarp);
    if (!banks) this.made.set(vtlnWarp, (banks = this.make(vtlnWarp)));
    return banks;
  }
}
