import { type Matrix, matrix } from '@jebena/io-ark';
import { FeatureError } from './errors.js';
import { type FrameGeometry, type FrameOptions, frameGeometry, numFrames } from './frame-options.js';
import { OnlineFrames, type OnlineFramesState } from './online-frames.js';
import { LinearResample, resample } from './linear-resample.js';
import { Random } from './random.js';
import { Spectra } from './spectra.js';
import type { EnergyOf } from './spectrum-kernel.js';

/** Turns the power spectrum of a frame into one row of features; the part in which the kinds of features differ. */
export interface FrameComputer {
  readonly frameOptions: FrameOptions;
  /** Columns of the result. */
  readonly dim: number;
  /** The energy that it needs: of the raw or of the windowed frame. */
  readonly energyOf: EnergyOf;
  /**
   * @param power holds the spectrum from index `bin` on, `paddedSize / 2 + 1` values
   * @param energy of the frame
   * @param vtlnWarp warp factor of the speaker
   * @param out gets `dim` values from index `at` on
   */
  compute(power: Float32Array, bin: number, energy: number, vtlnWarp: number, out: Float32Array, at: number): void;
}

export interface ComputeOptions {
  /** Warp factor of the speaker; 1 for none. */
  readonly vtlnWarp?: number | undefined;
  /** Rate of the samples where it is not the feature's own (`allowDownsample`, `allowUpsample`). */
  readonly sampleRate?: number | undefined;
  /** Seed of the dither. */
  readonly seed?: number | undefined;
}

/** Features of a wave, frame by frame, whole or online with the same numbers. */
export class WaveFeature<C extends FrameComputer = FrameComputer> {
  readonly geometry: FrameGeometry;
  private readonly spectra: Spectra;

  constructor(protected readonly computer: C) {
    this.geometry = frameGeometry(computer.frameOptions);
    this.spectra = new Spectra(computer.frameOptions, this.geometry, computer.energyOf);
  }

  /** Columns of the features. */
  get dim(): number {
    return this.computer.dim;
  }

  /** The rate in hertz that samples are expected at. */
  get sampleRate(): number {
    return this.computer.frameOptions.sampleFrequency;
  }

  /**
   * Features of a whole wave: one row a frame, none (0 x 0, as Kaldi writes it) for a wave shorter than a frame.
   *
   * @param samples in the range of 16-bit integers
   * @throws FeatureError for another rate than the options allow
   */
  compute(samples: Float32Array, options: ComputeOptions = {}): Matrix {
    const wave = this.needsResampling(options.sampleRate)
      ? resample(samples, options.sampleRate!, this.sampleRate)
      : samples;
    const rows = numFrames(wave.length, this.geometry);
    return rows === 0
      ? matrix(0, 0)
      : this.computeFrames(wave, 0, 0, rows, options.vtlnWarp, new Random(options.seed ?? 0));
  }

  /**
   * Features as samples come: `push` samples, get the frames that are complete; `flush` at the end. In all they are
   * the rows that `compute` gives. Memory holds at most a few frames of samples.
   *
   * @example
   * ```ts
   * const frames = new Fbank({ dither: 0 }).online();
   * use(frames.push(samples)); // 0 rows or more
   * use(frames.flush());
   * ```
   * @param state where another wave's features stood, with the same options, to go on from
   */
  online(options: ComputeOptions = {}, state?: OnlineFramesState): OnlineFrames {
    const random = new Random(state?.random ?? options.seed ?? 0);
    const resampler = this.needsResampling(options.sampleRate)
      ? new LinearResample(options.sampleRate!, this.sampleRate)
      : undefined;
    const online = new OnlineFrames(
      this.geometry,
      this.dim,
      (samples, offset, from, to) => this.computeFrames(samples, offset, from, to, options.vtlnWarp, random),
      resampler,
      random,
    );
    if (state) online.restore(state);
    return online;
  }

  /** Frames `from` to `to` out of a stretch of samples that starts at `offset` in the wave. */
  protected computeFrames(
    samples: Float32Array,
    offset: number,
    from: number,
    to: number,
    vtlnWarp: number = 1,
    random: Random,
  ): Matrix {
    const { spectra, computer } = this;
    const { dim } = computer;
    const features = matrix(to - from, dim);
    spectra.compute(samples, offset, from, to, random, (frame, power, bin, energy) =>
      computer.compute(power, bin, energy, vtlnWarp, features.data, (frame - from) * dim),
    );
    return features;
  }

  private needsResampling(sampleRate: number | undefined): boolean {
    const wanted = this.sampleRate;
    if (sampleRate === undefined || sampleRate === wanted) return false;
    const { allowDownsample, allowUpsample } = this.computer.frameOptions;
    if (sampleRate > wanted ? allowDownsample : allowUpsample) return true;
    throw new FeatureError(
      `expected a wave of ${wanted} Hz, found one of ${sampleRate} Hz ` +
        `(${sampleRate > wanted ? 'allow-downsample' : 'allow-upsample'} lets it be resampled)`,
    );
  }
}
