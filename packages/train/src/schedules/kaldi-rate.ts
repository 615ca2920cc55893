import { exponentialDecay } from './exponential.js';
import type { Schedule } from './schedule.js';

/**
 * How many jobs run at a point of a run: from `initial` to `final`, in a straight line, rounded
 * (steps/libs/nnet3/train/common.py).
 *
 * @param step from so many jobs on, multiples of it. Default 1
 */
export function jobsAt(fraction: number, initial: number, final: number, step = 1): number {
  if (!(initial >= 1 && final >= initial))
    throw new RangeError(`jobsAt: expected 1 <= initial <= final jobs, found ${initial} and ${final}`);
  const jobs = initial + (final - initial) * Math.min(1, Math.max(0, fraction));
  return jobs < step ? Math.floor(0.5 + jobs) : Math.floor(0.5 + jobs / step) * step;
}

/**
 * The rate of each job where several train at once and are averaged: jobs times the effective rate, which decays
 * from `initial` to `final`.
 *
 * @example
 * ```ts
 * effectiveLearningRate(3e-4, 3e-5, { initialJobs: 1, finalJobs: 8 })({ fraction: 1, step: 100 }); // 8 * 3e-5
 * ```
 */
export function effectiveLearningRate(
  initial: number,
  final: number,
  { initialJobs = 1, finalJobs = initialJobs }: { initialJobs?: number; finalJobs?: number } = {},
): Schedule {
  const effective = exponentialDecay(initial, final);
  return (progress) => jobsAt(progress.fraction, initialJobs, finalJobs) * effective(progress);
}
