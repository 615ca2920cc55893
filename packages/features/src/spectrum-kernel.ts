import type { FrameGeometry, FrameOptions } from './frame-options.js';
import { RealFft } from './real-fft.js';
import { windowFunction } from './window-function.js';

/** What the energy of a frame is taken of. */
export type EnergyOf = 'none' | 'raw' | 'windowed';

/**
 * Power spectra of frames: mean taken out, energy, pre-emphasis, window, zeros at the end, Fourier transform (Kaldi's
 * ProcessWindow and ComputePowerSpectrum), some frames at once.
 */
export interface SpectrumKernel {
  /** Frames at once. */
  readonly lanes: number;
  /** Samples to compute from. */
  readonly input: Float32Array;
  /** Power of lane l at bin k: `power[l * stride + k]`. */
  readonly power: Float32Array;
  readonly stride: number;
  /** Energy of each lane, as {@link EnergyOf} asks. */
  readonly energy: Float64Array;
  /** Computes the frames that start at `input[at]`, `input[at + shift]` and so on. */
  run(at: number, shift: number): void;
}

const f32 = Math.fround;

/** Numbers that a kernel needs. */
export interface KernelPlan {
  readonly geometry: FrameGeometry;
  readonly window: Float32Array;
  readonly preemphasis: number;
  readonly removeMean: boolean;
  readonly energyOf: EnergyOf;
  /** Samples that `input` holds. */
  readonly capacity: number;
}

export const kernelPlan = (
  options: FrameOptions,
  geometry: FrameGeometry,
  energyOf: EnergyOf,
  capacity: number,
): KernelPlan => ({
  geometry,
  window: windowFunction(options, geometry.size),
  preemphasis: f32(options.preemphasisCoefficient),
  removeMean: options.removeDcOffset,
  energyOf,
  capacity,
});

/** One frame at a time in plain JavaScript, each operation rounded to 32 bits. */
export class ScalarKernel implements SpectrumKernel {
  readonly lanes = 1;
  readonly input: Float32Array;
  readonly power: Float32Array;
  readonly stride: number;
  readonly energy: Float64Array = new Float64Array(1);
  private readonly frame: Float32Array;
  private readonly fft: RealFft;

  constructor(private readonly plan: KernelPlan) {
    const { paddedSize } = plan.geometry;
    this.input = new Float32Array(plan.capacity);
    this.stride = paddedSize / 2 + 1;
    this.power = new Float32Array(this.stride);
    this.frame = new Float32Array(paddedSize);
    this.fft = new RealFft(paddedSize);
  }

  run(at: number): void {
    this.fft.powerSpectrum(this.windowed(at), this.power);
  }

  /** The frame at `input[at]`, ready for the Fourier transform; overwritten by the next. */
  windowed(at: number): Float32Array {
    const { frame, input } = this;
    const { window, preemphasis, removeMean, energyOf } = this.plan;
    const { size } = this.plan.geometry;
    let sum = 0;
    for (let i = 0; i < size; i++) sum += input[at + i]!;
    const mean = removeMean ? f32(f32(sum) / size) : 0;
    let [raw, windowed] = [0, 0];
    let before = f32(input[at]! - mean);
    for (let i = 0; i < size; i++) {
      const x = f32(input[at + i]! - mean);
      raw += x * x;
      const y = f32(f32(x - f32(preemphasis * before)) * window[i]!);
      windowed += y * y;
      frame[i] = y;
      before = x;
    }
    // The transform leaves its result where the padding was.
    frame.fill(0, size);
    this.energy[0] = energyOf === 'raw' ? raw : windowed;
    return frame;
  }
}
