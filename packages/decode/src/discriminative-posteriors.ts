import { HmmError, type TransitionModel } from '@jebena/hmm';
import type { CompactLattice } from '@jebena/wfst';
import { DecodeError } from './errors.js';
import { forwardBackward } from './forward-backward.js';
import { FramePosteriors, type LatticePosteriors } from './lattice-posteriors.js';
import type { CostScales } from './lattice-paths.js';
import { stateTimes } from './lattice-times.js';

export interface AccuracyOptions extends CostScales {
  /** What counts as right: the reference's pdf (sMBR) or its phone (MPFE). */
  readonly criterion: 'smbr' | 'mpfe';
  readonly silencePhones?: Iterable<number> | undefined;
  /** Takes all silence phones for one, right where the reference is silence; else silence never counts as right. */
  readonly oneSilenceClass?: boolean | undefined;
}

export interface AccuracyPosteriors {
  /** How much more of the reference's frames paths through a transition id get right than all paths do, weighted. */
  readonly posterior: LatticePosteriors['posterior'];
  /** Expected number of right frames. */
  readonly accuracy: number;
}

/**
 * The derivative of the expected frame accuracy with respect to log-likelihoods (LatticeForwardBackwardMpeVariants in
 * lat/lattice-functions.cc; lattice-to-smbr-post, lattice-to-mpe-post).
 *
 * @param reference the alignment that is taken for right
 * @throws DecodeError for a torn lattice or a reference of another length; HmmError for ids that the model lacks
 */
export function accuracyPosteriors(
  lattice: CompactLattice,
  model: TransitionModel,
  reference: ArrayLike<number>,
  options: AccuracyOptions,
): AccuracyPosteriors {
  const { criterion, oneSilenceClass = false } = options;
  const silence = new Set(options.silencePhones);
  const timed = stateTimes(lattice);
  if (timed.numFrames !== reference.length)
    throw new DecodeError(
      'ERR_DECODE_LATTICE',
      `lattice: expected a reference of ${timed.numFrames} frames, found ${reference.length}`,
    );
  const table = criterion === 'smbr' ? model.tidToPdf : model.tidToPhone;
  const right = (state: number, ids: Int32Array): number => {
    let count = 0;
    for (let i = 0; i < ids.length; i++) {
      const ref = reference[timed.times[state]! + i]!;
      model.checkTid(ids[i]!, 'lattice');
      model.checkTid(ref, 'reference');
      const silent = silence.has(model.tidToPhone[ids[i]!]!);
      const same = table[ids[i]!] === table[ref];
      const both = silent && silence.has(model.tidToPhone[ref]!);
      if (oneSilenceClass ? same || both : same && !silent) count++;
    }
    return count;
  };
  const { forward, backward, arcPosterior, finalPosterior, arcCost, finalCost, total, order } = forwardBackward(
    lattice,
    options,
  );
  if (total === Infinity) throw new HmmError('ERR_HMM_ALIGNMENT', 'lattice: no path leads to its end');
  const { firstArc, nextState, numStates } = lattice;
  const before = new Float64Array(numStates);
  const after = new Float64Array(numStates);
  let accuracy = 0;
  for (const s of order) {
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const share = Math.exp(forward[nextState[a]!]! - forward[s]! - arcCost[a]!);
      before[nextState[a]!]! += share * (before[s]! + right(s, lattice.string(a)));
    }
    if (lattice.isFinal(s)) accuracy += finalPosterior[s]! * (before[s]! + right(s, lattice.finalString(s)));
  }
  const frames = new FramePosteriors(timed);
  for (let i = order.length - 1; i >= 0; i--) {
    const s = order[i]!;
    if (lattice.isFinal(s)) {
      const here = right(s, lattice.finalString(s));
      after[s]! += Math.exp(backward[s]! - finalCost[s]!) * here;
      frames.add(s, lattice.finalString(s), finalPosterior[s]! * (before[s]! + here - accuracy));
    }
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const here = right(s, lattice.string(a));
      const to = nextState[a]!;
      const share = Math.exp(backward[s]! - arcCost[a]! - backward[to]!);
      after[s]! += share * (after[to]! + here);
      frames.add(s, lattice.string(a), arcPosterior[a]! * (before[s]! + here + after[to]! - accuracy));
    }
  }
  return { posterior: frames.posterior(), accuracy };
}
