import { resample } from './linear-resample.js';

/**
 * Plays samples faster or slower, pitch and all: `factor` 1.1 is 10 % faster, its result shorter by that. Works as
 * resampling from `rate * factor` to `rate`, so the factor is kept to three decimals.
 *
 * @param factor above 0; 1 gives a copy
 */
export function speedPerturb(samples: Float32Array, factor: number): Float32Array {
  const [from, to] = speedRatio(factor);
  return resample(samples, from, to);
}

/** Samples that `speedPerturb` gives of `length` samples. */
export function speedPerturbedLength(length: number, factor: number): number {
  const [from, to] = speedRatio(factor);
  return Math.ceil((length * to) / from);
}

function speedRatio(factor: number): [from: number, to: number] {
  const from = Math.round(factor * 1000);
  if (!(from >= 1)) throw new RangeError(`speed: expected a factor of 0.001 or more, found ${factor}`);
  return [from, 1000];
}

/** Samples times a factor; not clipped. */
export const volumePerturb = (samples: Float32Array, factor: number): Float32Array => samples.map((x) => x * factor);

/**
 * Fits an alignment (one label a frame) to a wave whose speed or tempo was changed.
 *
 * @param frames of the changed wave's features
 * @returns one label a frame: that of the old frame which lies at the same place of the recording
 */
export function stretchAlignment(alignment: Int32Array, factor: number, frames: number): Int32Array {
  if (alignment.length === 0) return new Int32Array(0);
  return Int32Array.from(
    { length: frames },
    (_, t) => alignment[Math.min(alignment.length - 1, Math.floor((t + 0.5) * factor))]!,
  );
}
