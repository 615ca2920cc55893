import { type OptionValues, bool, defineOptions, resolveOptions } from '@jebena/options';
import { energyOf, energyOptions, flooredLogEnergy } from './energy.js';
import { logf } from './float-math.js';
import { frameGeometry, frameOptions } from './frame-options.js';
import { MelBanks, MelBanksByWarp, melFloor, melOptions } from './mel-banks.js';
import type { EnergyOf } from './spectrum-kernel.js';
import { type FrameComputer, WaveFeature } from './wave-feature.js';

/** Every option of Kaldi's FbankOptions (feat/feature-fbank.h). */
export const fbankOptions = defineOptions({
  ...frameOptions,
  ...melOptions,
  useEnergy: bool(false, 'Add a column with the log energy, first (last with htk-compat)'),
  ...energyOptions,
  htkCompat: bool(false, 'Put the energy last'),
  useLogFbank: bool(true, 'Give the logarithm of the filter bank, else its linear values'),
  usePower: bool(true, 'Sum the power spectrum, else the magnitude spectrum'),
});

export type FbankOptions = OptionValues<typeof fbankOptions>;

class FbankComputer implements FrameComputer {
  readonly frameOptions: FbankOptions;
  readonly dim: number;
  readonly energyOf: EnergyOf;
  private readonly banks: MelBanksByWarp;
  private readonly energies: Float32Array;
  private readonly bins: number;

  constructor(private readonly options: FbankOptions) {
    this.frameOptions = options;
    this.energyOf = energyOf(options);
    this.dim = options.numMelBins + (options.useEnergy ? 1 : 0);
    const { paddedSize } = frameGeometry(options);
    this.banks = new MelBanksByWarp((warp) => new MelBanks(options, options.sampleFrequency, paddedSize, warp));
    this.bins = paddedSize / 2 + 1;
    this.energies = new Float32Array(options.numMelBins);
  }

  compute(power: Float32Array, bin: number, energy: number, vtlnWarp: number, out: Float32Array, at: number): void {
    const { options, energies } = this;
    const { useEnergy, htkCompat, numMelBins } = options;
    if (useEnergy) {
      out[at + (htkCompat ? numMelBins : 0)] = flooredLogEnergy(energy, options.energyFloor);
    }
    if (!options.usePower) for (let k = 0; k < this.bins; k++) power[bin + k] = Math.sqrt(power[bin + k]!);
    this.banks.get(vtlnWarp).compute(power, bin, energies);
    const offset = at + (useEnergy && !htkCompat ? 1 : 0);
    if (options.useLogFbank)
      for (let b = 0; b < numMelBins; b++) out[offset + b] = logf(Math.max(energies[b]!, melFloor));
    else for (let b = 0; b < numMelBins; b++) out[offset + b] = energies[b]!;
  }
}

/**
 * Log mel filter bank energies, as Kaldi's compute-fbank-feats.
 *
 * @example
 * ```ts
 * const features = new Fbank({ numMelBins: 40, dither: 0 }).compute(samples); // frames x 40
 * ```
 */
export class Fbank extends WaveFeature {
  /** @throws UsageError for options out of range */
  constructor(options: Partial<FbankOptions> = {}) {
    super(new FbankComputer(resolveOptions(fbankOptions, options)));
  }
}
