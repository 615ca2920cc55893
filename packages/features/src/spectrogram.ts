import { type Matrix, matrix } from '@jebena/io-ark';
import { type OptionValues, bool, defineOptions, resolveOptions } from '@jebena/options';
import { energyOf, energyOptions, flooredLogEnergy } from './energy.js';
import { logf } from './float-math.js';
import { type FrameGeometry, firstSampleOfFrame, frameGeometry, frameOptions } from './frame-options.js';
import { melFloor } from './mel-banks.js';
import type { Random } from './random.js';
import { RealFft } from './real-fft.js';
import { cutFrame } from './spectra.js';
import { type EnergyOf, ScalarKernel, kernelPlan } from './spectrum-kernel.js';
import { type FrameComputer, WaveFeature } from './wave-feature.js';

/** Every option of Kaldi's SpectrogramOptions (feat/feature-spectrogram.h). */
export const spectrogramOptions = defineOptions({
  ...frameOptions,
  ...energyOptions,
  returnRawFft: bool(false, 'Give the complex spectrum instead of the log power'),
});

export type SpectrogramOptions = OptionValues<typeof spectrogramOptions>;

class SpectrogramComputer implements FrameComputer {
  readonly frameOptions: SpectrogramOptions;
  readonly dim: number;
  readonly energyOf: EnergyOf;

  constructor(private readonly options: SpectrogramOptions) {
    this.frameOptions = options;
    this.energyOf = energyOf({ ...options, useEnergy: true });
    this.dim = frameGeometry(options).paddedSize / 2 + 1;
  }

  compute(power: Float32Array, bin: number, energy: number, _vtlnWarp: number, out: Float32Array, at: number): void {
    for (let k = 1; k < this.dim; k++) out[at + k] = logf(Math.max(power[bin + k]!, melFloor));
    out[at] = flooredLogEnergy(energy, this.options.energyFloor);
  }
}

/**
 * Log power spectra, as Kaldi's compute-spectrogram-feats: column 0 is the log energy of the frame, column k the power
 * at `k * sampleFrequency / paddedSize` hertz.
 */
export class Spectrogram extends WaveFeature {
  /** The complex spectrum instead, where it is asked for. */
  private readonly complex: ComplexSpectra | undefined;

  /** @throws UsageError for options out of range */
  constructor(options: Partial<SpectrogramOptions> = {}) {
    const resolved = resolveOptions(spectrogramOptions, options);
    super(new SpectrogramComputer(resolved));
    this.complex = resolved.returnRawFft ? new ComplexSpectra(resolved, this.geometry) : undefined;
  }

  override get dim(): number {
    return this.complex ? this.geometry.paddedSize : super.dim;
  }

  protected override computeFrames(
    samples: Float32Array,
    offset: number,
    from: number,
    to: number,
    vtlnWarp: number | undefined,
    random: Random,
  ): Matrix {
    if (!this.complex) return super.computeFrames(samples, offset, from, to, vtlnWarp, random);
    const spectra = matrix(to - from, this.dim);
    for (let f = from; f < to; f++)
      this.complex.compute(
        samples,
        offset,
        f,
        random,
        spectra.data.subarray((f - from) * this.dim, (f - from + 1) * this.dim),
      );
    return spectra;
  }
}

/** Fourier transforms of frames, as Kaldi orders them: `re[0], re[n / 2], re[1], im[1], ...`. */
class ComplexSpectra {
  private readonly kernel: ScalarKernel;
  private readonly fft: RealFft;
  private readonly dither: number;

  constructor(
    options: SpectrogramOptions,
    private readonly geometry: FrameGeometry,
  ) {
    this.kernel = new ScalarKernel(kernelPlan(options, geometry, 'none', geometry.size));
    this.fft = new RealFft(geometry.paddedSize);
    this.dither = Math.fround(options.dither);
  }

  compute(samples: Float32Array, offset: number, f: number, random: Random, out: Float32Array): void {
    const { kernel, geometry } = this;
    const start = firstSampleOfFrame(f, geometry) - offset;
    cutFrame(samples, start, this.dither, random, kernel.input, { at: 0, size: geometry.size });
    this.fft.transform(kernel.windowed(0), out);
  }
}
