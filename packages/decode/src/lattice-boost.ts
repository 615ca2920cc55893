import type { TransitionModel } from '@jebena/hmm';
import type { CompactLattice } from '@jebena/wfst';
import { DecodeError } from './errors.js';
import { stateTimes } from './lattice-times.js';

export interface BoostOptions {
  /** How much likelier a frame's error is made. */
  readonly b: number;
  readonly silencePhones?: Iterable<number> | undefined;
  /** How much of an error a wrong silence is; 0, as in boosted MMI's paper, unless given. */
  readonly maxSilenceError?: number | undefined;
}

/**
 * Lowers the graph cost of arcs by their frames in error against a reference, for boosted MMI (LatticeBoost in
 * lat/lattice-functions.cc; lattice-boost-ali).
 *
 * @throws DecodeError for a torn lattice or a reference of another length; HmmError for ids that the model lacks
 */
export function boostLattice(
  lattice: CompactLattice,
  model: TransitionModel,
  reference: ArrayLike<number>,
  { b, silencePhones = [], maxSilenceError = 0 }: BoostOptions,
): CompactLattice {
  const { times, numFrames, order } = stateTimes(lattice);
  if (numFrames !== reference.length)
    throw new DecodeError(
      'ERR_DECODE_LATTICE',
      `lattice: expected a reference of ${numFrames} frames, found ${reference.length}`,
    );
  const silence = new Set(silencePhones);
  const errors = (state: number, ids: Int32Array): number => {
    let sum = 0;
    for (let i = 0; i < ids.length; i++) {
      const ref = reference[times[state]! + i]!;
      model.checkTid(ids[i]!, 'lattice');
      model.checkTid(ref, 'reference');
      const phone = model.tidToPhone[ids[i]!]!;
      if (phone !== model.tidToPhone[ref]) sum += silence.has(phone) ? maxSilenceError : 1;
    }
    return sum;
  };
  const graphCost = lattice.graphCost.slice();
  const finalGraphCost = lattice.finalGraphCost.slice();
  for (const s of order) {
    if (lattice.isFinal(s)) finalGraphCost[s]! -= b * errors(s, lattice.finalString(s));
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++)
      graphCost[a]! -= b * errors(s, lattice.string(a));
  }
  return lattice.with({ graphCost, finalGraphCost });
}
