import type { Schedule } from './schedule.js';

/** Settings of {@link warmupHoldDecay}, in steps. */
export interface WarmupHoldDecay {
  /** Steps in which the rate rises from 0 in a straight line. */
  readonly warmup: number;
  /** Steps after these in which it stays. */
  readonly hold: number;
  /** What it is multiplied by in each step after that, in (0, 1]. */
  readonly decay: number;
  /** It never falls below this. Default 0. */
  readonly least?: number;
}

/**
 * Rises in a straight line to `peak`, stays there, then decays exponentially: the schedule of nnet_pytorch.
 *
 * @example
 * ```ts
 * const rate = warmupHoldDecay(1e-3, { warmup: 1000, hold: 9000, decay: 0.9999 });
 * rate({ step: 499, fraction: 0 }); // 5e-4
 * ```
 */
export function warmupHoldDecay(peak: number, { warmup, hold, decay, least = 0 }: WarmupHoldDecay): Schedule {
  if (!(peak > 0 && warmup >= 0 && hold >= 0 && decay > 0 && decay <= 1))
    throw new RangeError(
      `warmupHoldDecay: expected peak > 0, warmup >= 0, hold >= 0 and 0 < decay <= 1, found ${[peak, warmup, hold, decay].join(', ')}`,
    );
  return ({ step }) => {
    // Counted from one, so that the first step already learns.
    if (step < warmup) return (peak * (step + 1)) / warmup;
    return Math.max(least, peak * decay ** Math.max(0, step - warmup - hold));
  };
}
