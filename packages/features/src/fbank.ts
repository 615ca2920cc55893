import { type OptionValues, bool, defineOptions, float, resolveOptions } from '@jebena/options';
import { flooredLogEnergy, sumOfSquares } from './energy.js';
import { frameGeometry, frameOptions } from './frame-options.js';
import { MelBanks, MelBanksByWarp, melFloor, melOptions } from './mel-banks.js';
import { RealFft } from './real-fft.js';
import { type FrameComputer, WaveFeature } from './wave-feature.js';

/** Every option of Kaldi's FbankOptions (feat/feature-fbank.h). */
export const fbankOptions = defineOptions({
  ...frameOptions,
  ...melOptions,
  useEnergy: bool(false, 'Add a column with the log energy, first (last with htk-compat)'),
  energyFloor: float(0, 'Floor of the energy, absolute; 0 for none. Only with use-energy'),
  rawEnergy: bool(true, 'Compute the energy before pre-emphasis and window'),
  htkCompat: bool(false, 'Put the energy last'),
  useLogFbank: bool(true, 'Give the logarithm of the filter bank, else its linear values'),
  usePower: bool(true, 'Sum the power spectrum, else the magnitude spectrum'),
});

export type FbankOptions = OptionValues<typeof fbankOptions>;

class FbankComputer implements FrameComputer {
  readonly frameOptions: FbankOptions;
  readonly dim: number;
  private readonly fft: RealFft;
  private readonly banks: MelBanksByWarp;
  private readonly power: Float32Array;
  private readonly energies: Float32Array;

  constructor(private readonly options: FbankOptions) {
    this.frameOptions = options;
    this.dim = options.numMelBins + (options.useEnergy ? 1 : 0);
    const { paddedSize } = frameGeometry(options);
    this.banks = new MelBanksByWarp((warp) => new MelBanks(options, options.sampleFrequency, paddedSize, warp));
    this.fft = new RealFft(paddedSize);
    this.power = new Float32Array(paddedSize / 2 + 1);
    this.energies = new Float32Array(options.numMelBins);
  }

  compute(frame: Float32Array, rawEnergy: number, vtlnWarp: number, out: Float32Array, at: number): void {
    const { options, power, energies } = this;
    const { useEnergy, htkCompat, numMelBins } = options;
    if (useEnergy) {
      const energy = options.rawEnergy ? rawEnergy : sumOfSquares(frame);
      out[at + (htkCompat ? numMelBins : 0)] = flooredLogEnergy(energy, options.energyFloor);
    }
    this.fft.powerSpectrum(frame, power);
    if (!options.usePower) for (let k = 0; k < power.length; k++) power[k] = Math.sqrt(power[k]!);
    this.banks.get(vtlnWarp).compute(power, energies);
    const offset = at + (useEnergy && !htkCompat ? 1 : 0);
    if (options.useLogFbank)
      for (let b = 0; b < numMelBins; b++) out[offset + b] = Math.log(Math.max(energies[b]!, melFloor));
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
