import {
  UsageError,
  type OptionValues,
  atLeast,
  bool,
  defineOptions,
  float,
  int,
  resolveOptions,
} from '@jebena/options';
import { energyOf, energyOptions, flooredLogEnergy } from './energy.js';
import { sincosf } from './float-math.js';
import { frameGeometry, frameOptions } from './frame-options.js';
import { MelBanks, MelBanksByWarp, melOptions } from './mel-banks.js';
import { lifter } from './mfcc.js';
import type { EnergyOf } from './spectrum-kernel.js';
import { type FrameComputer, WaveFeature } from './wave-feature.js';

/** Every option of Kaldi's PlpOptions (feat/feature-plp.h). */
export const plpOptions = defineOptions({
  ...frameOptions,
  ...melOptions,
  lpcOrder: int(12, 'Order of the linear prediction', atLeast(1)),
  numCeps: int(13, 'Number of cepstra, the zeroth among them', atLeast(1)),
  useEnergy: bool(true, 'Put the log energy in place of the zeroth cepstrum'),
  ...energyOptions,
  compressFactor: float(0.33333, 'Power that the mel energies are raised to'),
  cepstralLifter: int(22, 'Constant that scales the cepstra; 0 for none'),
  cepstralScale: float(1, 'Factor of all cepstra'),
  htkCompat: bool(false, 'Put the energy or zeroth cepstrum last'),
});

export type PlpOptions = OptionValues<typeof plpOptions>;

/** The smallest normal 32-bit number. */
const smallest = 2 ** -126;

class PlpComputer implements FrameComputer {
  readonly frameOptions: PlpOptions;
  readonly dim: number;
  readonly energyOf: EnergyOf;
  private readonly banks: MelBanksByWarp;
  private readonly loudness = new Map<MelBanks, Float32Array>();
  private readonly energies: Float32Array;
  /** Cosine bases that give the autocorrelation, `lpcOrder + 1` x `numMelBins + 2`. */
  private readonly bases: Float32Array;
  private readonly lifter: Float32Array;

  constructor(private readonly options: PlpOptions) {
    const { numCeps, lpcOrder, numMelBins } = options;
    if (numCeps > lpcOrder + 1)
      throw new UsageError(`option 'numCeps': expected at most ${lpcOrder + 1} (lpc-order + 1), found ${numCeps}`);
    this.frameOptions = options;
    this.energyOf = energyOf(options);
    this.dim = numCeps;
    const { paddedSize } = frameGeometry(options);
    this.banks = new MelBanksByWarp((warp) => new MelBanks(options, options.sampleFrequency, paddedSize, warp));
    this.energies = new Float32Array(numMelBins);
    this.bases = cosineBases(lpcOrder + 1, numMelBins + 2);
    this.lifter = lifter(options.cepstralLifter, numCeps).map((x) => x * Math.fround(options.cepstralScale));
  }

  compute(power: Float32Array, bin: number, energy: number, vtlnWarp: number, out: Float32Array, at: number): void {
    const { options, energies } = this;
    const { numCeps, useEnergy, compressFactor } = options;
    const banks = this.banks.get(vtlnWarp);
    banks.compute(power, bin, energies);
    const loudness = this.loudnessOf(banks);
    for (let b = 0; b < energies.length; b++)
      energies[b] = Math.fround(energies[b]! * loudness[b]!) ** Math.fround(compressFactor);
    const { coefficients, residual } = linearPrediction(this.autocorrelation());
    const cepstrum = toCepstrum(coefficients);
    out[at] = Math.max(Math.log(residual), smallest) * this.lifter[0]!;
    for (let k = 1; k < numCeps; k++) out[at + k] = cepstrum[k - 1]! * this.lifter[k]!;
    // The lifter leaves the zeroth cepstrum as it is; the scale does not, but the energy is neither scaled nor liftered.
    if (useEnergy) out[at] = flooredLogEnergy(energy, options.energyFloor, options.rawEnergy ? undefined : smallest);
    if (!options.htkCompat) return;
    const zeroth = out[at]!;
    out.copyWithin(at, at + 1, at + numCeps);
    out[at + numCeps - 1] = zeroth;
  }

  /** Of the spectrum with its first and last bins doubled. */
  private autocorrelation(): Float32Array {
    const { energies, bases } = this;
    const bins = energies.length;
    const result = new Float32Array(this.options.lpcOrder + 1);
    for (let i = 0, b = 0; i < result.length; i++) {
      let sum = bases[b++]! * energies[0]!;
      for (let j = 0; j < bins; j++) sum += bases[b++]! * energies[j]!;
      result[i] = sum + bases[b++]! * energies[bins - 1]!;
    }
    return result;
  }

  private loudnessOf(banks: MelBanks): Float32Array {
    let loudness = this.loudness.get(banks);
    if (!loudness) this.loudness.set(banks, (loudness = banks.centers.map(equalLoudness)));
    return loudness;
  }
}

/** How loud a frequency sounds (Hermansky 1990, eq. 1 simplified as in HTK and Kaldi). */
function equalLoudness(hertz: number): number {
  const square = hertz * hertz;
  const low = square / (square + 1.6e5);
  return low * low * ((square + 1.44e6) / (square + 9.61e6));
}

function cosineBases(count: number, dim: number): Float32Array {
  const bases = new Float32Array(count * dim);
  const angle = Math.fround(Math.PI / (dim - 1));
  const scale = Math.fround(1 / (2 * (dim - 1)));
  for (let i = 0; i < count; i++)
    for (let j = 0; j < dim; j++) {
      const [, cos] = sincosf(Math.fround(angle * i) * j);
      bases[i * dim + j] = (j === 0 || j === dim - 1 ? 1 : 2) * scale * cos;
    }
  return bases;
}

/** Durbin's recursion in 32 bits, whose rounding shows in nearly singular frames. */
function linearPrediction(autocorrelation: Float32Array): { coefficients: Float32Array; residual: number } {
  const f32 = Math.fround;
  const order = autocorrelation.length - 1;
  let coefficients = new Float32Array(order);
  let residual = autocorrelation[0]!;
  // Digital silence: Kaldi divides zero by zero here and writes NaN.
  if (residual === 0) return { coefficients, residual };
  for (let i = 0; i < order; i++) {
    let reflection = autocorrelation[i + 1]!;
    for (let j = 0; j < i; j++) reflection = f32(reflection + f32(coefficients[j]! * autocorrelation[i - j]!));
    reflection = f32(reflection / residual);
    // Kept above zero for constant signals.
    const less = Math.max(f32(1 - f32(reflection * reflection)), f32(1e-5));
    residual = f32(residual * less);
    const next = coefficients.slice();
    next[i] = -reflection;
    for (let j = 0; j < i; j++) next[j] = coefficients[j]! - f32(reflection * coefficients[i - j - 1]!);
    coefficients = next;
  }
  return { coefficients, residual };
}

function toCepstrum(coefficients: Float32Array): Float32Array {
  const cepstrum = new Float32Array(coefficients.length);
  for (let i = 0; i < cepstrum.length; i++) {
    let sum = 0;
    for (let j = 0; j < i; j++) sum += (i - j) * coefficients[j]! * cepstrum[i - j - 1]!;
    cepstrum[i] = -coefficients[i]! - sum / (i + 1);
  }
  return cepstrum;
}

/**
 * Perceptual linear prediction cepstra, as Kaldi's compute-plp-feats.
 *
 * @example
 * ```ts
 * const features = new Plp({ sampleFrequency: 8000, dither: 0 }).compute(samples); // frames x 13
 * ```
 */
export class Plp extends WaveFeature {
  /** @throws UsageError for options out of range */
  constructor(options: Partial<PlpOptions> = {}) {
    super(new PlpComputer(resolveOptions(plpOptions, options)));
  }
}
