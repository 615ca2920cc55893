import type { Schedule } from './schedule.js';

/**
 * Half a cosine from `initial` at the start to `final` at the end (Loshchilov and Hutter 2017, without restarts), as
 * PyTorch's `CosineAnnealingLR`.
 *
 * @example
 * ```ts
 * cosine(1e-3)({ fraction: 0.5, step: 50 }); // 5e-4
 * ```
 */
export const cosine =
  (initial: number, final = 0): Schedule =>
  ({ fraction }) =>
    final + ((initial - final) * (1 + Math.cos(Math.PI * Math.min(1, Math.max(0, fraction))))) / 2;
