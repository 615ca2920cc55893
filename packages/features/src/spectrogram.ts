import { type OptionValues, bool, defineOptions, float, resolveOptions } from '@jebena/options';
import { flooredLogEnergy, sumOfSquares } from './energy.js';
import { frameGeometry, frameOptions } from './frame-options.js';
import { melFloor } from './mel-banks.js';
import { RealFft } from './real-fft.js';
import { type FrameComputer, WaveFeature } from './wave-feature.js';

/** Every option of Kaldi's SpectrogramOptions (feat/feature-spectrogram.h). */
export const spectrogramOptions = defineOptions({
  ...frameOptions,
  energyFloor: float(0, 'Floor of the energy in column 0, absolute; 0 for none'),
  rawEnergy: bool(true, 'Compute the energy before pre-emphasis and window'),
  returnRawFft: bool(false, 'Give the complex spectrum instead of the log power'),
});

export type SpectrogramOptions = OptionValues<typeof spectrogramOptions>;

class SpectrogramComputer implements FrameComputer {
  readonly frameOptions: SpectrogramOptions;
  readonly dim: number;
  private readonly fft: RealFft;
  private readonly power: Float32Array;

  constructor(private readonly options: SpectrogramOptions) {
    this.frameOptions = options;
    const { paddedSize } = frameGeometry(options);
    this.dim = options.returnRawFft ? paddedSize : paddedSize / 2 + 1;
    this.fft = new RealFft(paddedSize);
    this.power = new Float32Array(paddedSize / 2 + 1);
  }

  compute(frame: Float32Array, rawEnergy: number, _vtlnWarp: number, out: Float32Array, at: number): void {
    const { options, fft, power, dim } = this;
    if (options.returnRawFft) return fft.transform(frame, out.subarray(at, at + dim));
    const energy = options.rawEnergy ? rawEnergy : sumOfSquares(frame);
    fft.powerSpectrum(frame, power);
    for (let k = 1; k < dim; k++) out[at + k] = Math.log(Math.max(power[k]!, melFloor));
    out[at] = flooredLogEnergy(energy, options.energyFloor);
  }
}

/**
 * Log power spectra, as Kaldi's compute-spectrogram-feats: column 0 is the log energy of the frame, column k the power
 * at `k * sampleFrequency / paddedSize` hertz.
 */
export class Spectrogram extends WaveFeature {
  /** @throws UsageError for options out of range */
  constructor(options: Partial<SpectrogramOptions> = {}) {
    super(new SpectrogramComputer(resolveOptions(spectrogramOptions, options)));
  }
}
