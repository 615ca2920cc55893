import { type FrameGeometry, type FrameOptions, firstSampleOfFrame } from './frame-options.js';
import type { Random } from './random.js';
import { windowFunction } from './window-function.js';

const f32 = Math.fround;

/**
 * Cuts one frame out of samples and readies it for the Fourier transform: dither, mean, energy, pre-emphasis, window,
 * zeros at the end (Kaldi's ExtractWindow and ProcessWindow, feat/feature-window.cc).
 */
export class FrameCutter {
  /** The frame last cut, padded. */
  readonly frame: Float32Array;
  private readonly window: Float32Array;
  private readonly dither: number;
  private readonly preemphasis: number;
  private readonly removeMean: boolean;

  constructor(
    options: FrameOptions,
    private readonly geometry: FrameGeometry,
  ) {
    this.frame = new Float32Array(geometry.paddedSize);
    this.window = Float32Array.from(windowFunction(options, geometry.size));
    this.dither = Math.fround(options.dither);
    this.preemphasis = Math.fround(options.preemphasisCoefficient);
    this.removeMean = options.removeDcOffset;
  }

  /**
   * @param samples a stretch of the wave
   * @param offset index in the wave of its first sample
   * @param f index of the frame
   * @param random for the dither; none without it
   * @returns the frame's energy before pre-emphasis and window
   */
  cut(samples: Float32Array, offset: number, f: number, random?: Random): number {
    const { frame, window, geometry, preemphasis } = this;
    const { size, paddedSize } = geometry;
    const start = firstSampleOfFrame(f, geometry) - offset;
    // What lies past the frame may hold the last Fourier transform.
    for (let i = size; i < paddedSize; i++) frame[i] = 0;
    let sum = 0;
    if (start >= 0 && start + size <= samples.length)
      for (let i = 0; i < size; i++) {
        const x = samples[start + i]!;
        frame[i] = x;
        sum += x;
      }
    else for (let i = 0; i < size; i++) sum += frame[i] = samples[reflect(start + i, samples.length)]!;

    if (random && this.dither !== 0) {
      sum = 0;
      for (let i = 0; i < size; i++) sum += frame[i] = frame[i]! + this.dither * random.gaussian();
    }
    const mean = this.removeMean ? f32(f32(sum) / size) : 0;
    let energy = 0;
    let before = f32(frame[0]! - mean);
    for (let i = 0; i < size; i++) {
      const x = f32(frame[i]! - mean);
      energy += x * x;
      frame[i] = f32(x - f32(preemphasis * before)) * window[i]!;
      before = x;
    }
    return energy;
  }
}

/** The index that a reflection of the wave at its ends gives: -1 is 0, -2 is 1, `length` is `length - 1`. */
function reflect(index: number, length: number): number {
  let i = index;
  while (i < 0 || i >= length) i = i < 0 ? -i - 1 : 2 * length - 1 - i;
  return i;
}
