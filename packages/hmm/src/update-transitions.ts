import { HmmError } from './errors.js';
import type { TransitionModel } from './transition-model.js';

export interface UpdateTransitionsOptions {
  /** Lowest probability of a transition. Default 0.01. */
  readonly floor?: number | undefined;
  /** A state that was seen less often keeps its probabilities. Default 5. */
  readonly minCount?: number | undefined;
}

/** Counts of transition ids over alignments, entry 0 unused: what {@link updateTransitions} works on. */
export function countTransitions(model: TransitionModel, alignments: Iterable<ArrayLike<number>>): Float64Array {
  const counts = new Float64Array(model.numTransitionIds + 1);
  for (const alignment of alignments)
    for (let i = 0; i < alignment.length; i++) {
      model.checkTid(alignment[i]!, `frame ${i}`);
      counts[alignment[i]!]!++;
    }
  return counts;
}

/**
 * Estimates transition probabilities anew: the shares of a state's transitions, none below a floor (MleUpdate in
 * hmm/transition-model.cc).
 *
 * @param counts by transition id: whole numbers, or posteriors added up
 */
export function updateTransitions(
  model: TransitionModel,
  counts: ArrayLike<number>,
  { floor = 0.01, minCount = 5 }: UpdateTransitionsOptions = {},
): TransitionModel {
  if (counts.length !== model.numTransitionIds + 1)
    throw new HmmError(
      'ERR_HMM_MODEL',
      `transition model: expected ${model.numTransitionIds + 1} counts, found ${counts.length}`,
    );
  const logProbs = model.logProbs.slice();
  for (let state = 1; state <= model.numTransitionStates; state++) {
    const n = model.numTransitions(state);
    if (n < 2) continue;
    const own = Array.from({ length: n }, (_, i) => counts[model.tid(state, i)]!);
    const total = own.reduce((sum, count) => sum + count, 0);
    if (total < minCount) continue;
    // Flooring takes from the others; thrice, as Kaldi does, is near enough.
    let shares = own.map((count) => count / total);
    for (let round = 0; round < 3; round++) {
      const floored = shares.map((share) => Math.max(share, floor));
      const sum = floored.reduce((a, b) => a + b, 0);
      shares = floored.map((share) => share / sum);
    }
    shares.forEach((share, i) => (logProbs[model.tid(state, i)] = Math.log(share)));
  }
  return model.withLogProbs(logProbs);
}
