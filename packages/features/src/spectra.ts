import { type FrameGeometry, type FrameOptions, firstSampleOfFrame } from './frame-options.js';
import type { Random } from './random.js';
import { simdKernel } from './simd-kernel.js';
import { type EnergyOf, ScalarKernel, type SpectrumKernel, kernelPlan } from './spectrum-kernel.js';

/** What is told of each frame: lane l's bins start at `power[at]`. */
export type UseSpectrum = (frame: number, power: Float32Array, at: number, energy: number) => void;

/** Frames computed from one stretch of samples. */
const framesAtOnce = 32;

/** Cuts frames out of samples and computes their power spectra, as many at once as the kernel can. */
export class Spectra {
  private readonly kernel: SpectrumKernel;
  private readonly dither: number;

  constructor(
    options: FrameOptions,
    private readonly geometry: FrameGeometry,
    energyOf: EnergyOf,
  ) {
    const { size, shift } = geometry;
    const plan = kernelPlan(options, geometry, energyOf, Math.max(framesAtOnce * shift + size, 4 * size));
    this.kernel = simdKernel(plan) ?? new ScalarKernel(plan);
    this.dither = Math.fround(options.dither);
  }

  /**
   * @param samples a stretch of the wave
   * @param offset index in the wave of its first sample
   * @param from first frame
   * @param to last frame, exclusive
   * @param random for the dither
   * @param use is called for each frame in turn
   */
  compute(samples: Float32Array, offset: number, from: number, to: number, random: Random, use: UseSpectrum): void {
    const { kernel, geometry } = this;
    const { size, shift } = geometry;
    for (let f = from; f < to;) {
      const start = firstSampleOfFrame(f, geometry) - offset;
      const whole = Math.floor((samples.length - start - size) / shift) + 1;
      if (start >= 0 && whole > 0 && this.dither === 0) {
        const count = Math.min(framesAtOnce, whole, to - f);
        kernel.input.set(samples.subarray(start, start + (count - 1) * shift + size));
        for (let done = 0; done < count; done += kernel.lanes)
          this.run(done * shift, shift, f + done, Math.min(kernel.lanes, count - done), use);
        f += count;
      } else {
        const count = Math.min(kernel.lanes, to - f);
        for (let lane = 0; lane < count; lane++)
          cutFrame(samples, firstSampleOfFrame(f + lane, geometry) - offset, this.dither, random, kernel.input, {
            at: lane * size,
            size,
          });
        this.run(0, size, f, count, use);
        f += count;
      }
    }
  }

  private run(at: number, shift: number, frame: number, count: number, use: UseSpectrum): void {
    const { kernel } = this;
    kernel.run(at, shift);
    for (let lane = 0; lane < count; lane++)
      use(frame + lane, kernel.power, lane * kernel.stride, kernel.energy[lane]!);
  }
}

/** Copies the samples of one frame, reflected at the wave's ends, and adds dither. */
export function cutFrame(
  samples: Float32Array,
  start: number,
  dither: number,
  random: Random,
  out: Float32Array,
  { at, size }: { at: number; size: number },
): void {
  for (let i = 0; i < size; i++) {
    const x = samples[reflect(start + i, samples.length)]!;
    out[at + i] = dither === 0 ? x : x + dither * random.gaussian();
  }
}

/** The index that a reflection of the wave at its ends gives: -1 is 0, -2 is 1, `length` is `length - 1`. */
function reflect(index: number, length: number): number {
  let i = index;
  while (i < 0 || i >= length) i = i < 0 ? -i - 1 : 2 * length - 1 - i;
  return i;
}
