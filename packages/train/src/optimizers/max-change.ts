/** How far one component would move, and how far it may. */
export interface ComponentChange {
  /** 2-norm of the change. */
  readonly norm: number;
  /** The component's own limit; 0 stands for none. */
  readonly maxChange: number;
}

/**
 * What each component's change is multiplied by so that none moves further than its own limit and all together not
 * further than `maxParamChange` (UpdateNnetWithMaxChange in nnet3/nnet-utils.cc). Undefined when a change is not
 * finite: it must not be made at all.
 *
 * @param scale what all changes are multiplied by besides (1 - momentum in Kaldi)
 * @param limitScale what all limits are multiplied by (backstitch goes further in its second pass)
 */
export function limitChange(
  changes: readonly ComponentChange[],
  maxParamChange: number,
  scale: number = 1,
  limitScale: number = 1,
): number[] | undefined {
  const factors = changes.map(({ norm, maxChange }) => {
    const size = norm * Math.abs(scale);
    return maxChange > 0 && size > maxChange * limitScale ? (maxChange * limitScale) / size : 1;
  });
  const total = Math.abs(scale) * Math.hypot(...changes.map(({ norm }, i) => norm * factors[i]!));
  if (!Number.isFinite(total)) return undefined;
  const limit = maxParamChange * limitScale;
  const all = maxParamChange > 0 && total > limit ? (scale * limit) / total : scale;
  return factors.map((f) => f * all);
}
