import type { CompactLattice } from '@jebena/wfst';
import { DecodeError } from './errors.js';
import { latticeOrder } from './lattice-order.js';

export interface StateTimes {
  /** The frame at which each state stands; -1 for states that the start does not lead to. */
  readonly times: Int32Array;
  readonly numFrames: number;
  /** The states in topological order. */
  readonly order: Int32Array;
}

/**
 * The frame of every state: how many transition ids lead there (CompactLatticeStateTimes in lat/lattice-functions.cc).
 *
 * @throws DecodeError for a torn lattice: paths of different lengths to one state or to the end, or a cycle
 */
export function stateTimes(lattice: CompactLattice): StateTimes {
  const times = new Int32Array(lattice.numStates).fill(-1);
  const order = latticeOrder(lattice);
  if (lattice.start >= 0) times[lattice.start] = 0;
  let numFrames = -1;
  for (const s of order) {
    if (lattice.isFinal(s)) {
      const end = times[s]! + lattice.finalString(s).length;
      if (numFrames >= 0 && end !== numFrames)
        throw new DecodeError('ERR_DECODE_LATTICE', `lattice: paths of ${numFrames} and of ${end} frames`);
      numFrames = end;
    }
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const to = lattice.nextState[a]!;
      const at = times[s]! + lattice.stringStart[a + 1]! - lattice.stringStart[a]!;
      if (times[to]! >= 0 && times[to] !== at)
        throw new DecodeError('ERR_DECODE_LATTICE', `lattice: state ${to} stands at frame ${times[to]} and at ${at}`);
      times[to] = at;
    }
  }
  return { times, numFrames: Math.max(numFrames, 0), order };
}

/** Arcs a frame, on average (lattice-depth). */
export function latticeDepth(lattice: CompactLattice): number {
  const { numFrames, order } = stateTimes(lattice);
  let total = 0;
  for (const s of order)
    total +=
      lattice.stringStart[lattice.firstArc[s + 1]!]! -
      lattice.stringStart[lattice.firstArc[s]!]! +
      (lattice.isFinal(s) ? lattice.finalString(s).length : 0);
  return total / numFrames;
}
