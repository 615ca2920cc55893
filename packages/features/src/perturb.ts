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
