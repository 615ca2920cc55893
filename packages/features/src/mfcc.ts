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
import { logf } from './float-math.js';
import { frameGeometry, frameOptions } from './frame-options.js';
import { MelBanks, MelBanksByWarp, melFloor, melOptions } from './mel-banks.js';
import type { EnergyOf } from './spectrum-kernel.js';
import { type FrameComputer, WaveFeature } from './wave-feature.js';

/** Every option of Kaldi's MfccOptions (feat/feature-mfcc.h). */
export const mfccOptions = defineOptions({
  ...frameOptions,
  ...melOptions,
  numCeps: int(13, 'Number of cepstra, the zeroth among them', atLeast(1)),
  useEnergy: bool(true, 'Put the log energy in place of the zeroth cepstrum'),
  ...energyOptions,
  cepstralLifter: float(22, 'Constant that scales the cepstra; 0 for none'),
  htkCompat: bool(false, 'Put the energy or zeroth cepstrum last, the latter times the square root of two'),
});

export type MfccOptions = OptionValues<typeof mfccOptions>;

/** How much each cepstrum is scaled (Kaldi's ComputeLifterCoeffs). */
export const lifter = (constant: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) =>
    constant === 0 ? 1 : 1 + 0.5 * constant * Math.sin((Math.PI * i) / constant),
  );

class MfccComputer implements FrameComputer {
  readonly frameOptions: MfccOptions;
  readonly dim: number;
  readonly energyOf: EnergyOf;
  private readonly banks: MelBanksByWarp;
  private readonly energies: Float32Array;
  /** The cosine transform, `numCeps` x `numMelBins`. */
  private readonly dct: Float32Array;
  private readonly lifter: Float32Array;

  constructor(private readonly options: MfccOptions) {
    const { numCeps, numMelBins } = options;
    if (numCeps > numMelBins)
      throw new UsageError(`option 'numCeps': expected at most ${numMelBins} (the mel bins), found ${numCeps}`);
    this.frameOptions = options;
    this.energyOf = energyOf(options);
    this.dim = numCeps;
    const { paddedSize } = frameGeometry(options);
    this.banks = new MelBanksByWarp((warp) => new MelBanks(options, options.sampleFrequency, paddedSize, warp));
    this.energies = new Float32Array(numMelBins);
    this.lifter = lifter(Math.fround(options.cepstralLifter), numCeps);
    this.dct = new Float32Array(numCeps * numMelBins);
    for (let k = 0; k < numCeps; k++)
      for (let n = 0; n < numMelBins; n++)
        this.dct[k * numMelBins + n] =
          Math.fround(Math.sqrt((k === 0 ? 1 : 2) / numMelBins)) * Math.cos((Math.PI / numMelBins) * (n + 0.5) * k);
  }

  compute(power: Float32Array, bin: number, energy: number, vtlnWarp: number, out: Float32Array, at: number): void {
    const { options, energies, dct } = this;
    const { numCeps, numMelBins, useEnergy, htkCompat } = options;
    this.banks.get(vtlnWarp).compute(power, bin, energies);
    for (let b = 0; b < numMelBins; b++) energies[b] = logf(Math.max(energies[b]!, melFloor));
    for (let k = 0, d = 0; k < numCeps; k++) {
      let sum = 0;
      for (let b = 0; b < numMelBins; b++) sum += dct[d++]! * energies[b]!;
      out[at + k] = Math.fround(sum) * this.lifter[k]!;
    }
    if (useEnergy) out[at] = flooredLogEnergy(energy, options.energyFloor);
    if (!htkCompat) return;
    const zeroth = out[at]!;
    out.copyWithin(at, at + 1, at + numCeps);
    out[at + numCeps - 1] = useEnergy ? zeroth : zeroth * Math.SQRT2;
  }
}

/**
 * Mel-frequency cepstral coefficients, as Kaldi's compute-mfcc-feats.
 *
 * @example
 * ```ts
 * const features = new Mfcc({ sampleFrequency: 8000, dither: 0 }).compute(samples); // frames x 13
 * ```
 */
export class Mfcc extends WaveFeature {
  /** @throws UsageError for options out of range */
  constructor(options: Partial<MfccOptions> = {}) {
    super(new MfccComputer(resolveOptions(mfccOptions, options)));
  }
}
