import type { Schedule } from './schedule.js';

/**
 * Kaldi's decay: `initial * (final / initial) ^ fraction` (steps/libs/nnet3/train/common.py).
 *
 * @example
 * ```ts
 * exponentialDecay(1e-3, 1e-4)({ fraction: 0.5, step: 100 }); // 0.000316...
 * ```
 */
export function exponentialDecay(initial: number, final: number): Schedule {
  if (!(initial > 0 && final > 0))
    throw new RangeError(`exponentialDecay: expected rates above 0, found ${initial} and ${final}`);
  return ({ fraction }) => initial * (final / initial) ** Math.min(1, fraction);
}

/** The same rate throughout. */
export const constantRate =
  (rate: number): Schedule =>
  () =>
    rate;
