import type { CompactLattice } from '@jebena/wfst';
import { connectCompact } from './connect-lattice.js';
import { latticeOrder } from './lattice-order.js';
import { backwardCosts, type CostScales } from './lattice-paths.js';

/**
 * Keeps the arcs that a path within `beam` of the best passes (lattice-prune; S. Sim, W. Byrne, M. Gales,
 * P. Woodland, "Efficient lattice representation and generation", 1998).
 *
 * @throws DecodeError for a lattice with a cycle
 */
export function pruneLattice(lattice: CompactLattice, beam: number, scales: CostScales = {}): CompactLattice {
  const { lmScale = 1, acousticScale = 1 } = scales;
  const { firstArc, nextState } = lattice;
  const backward = backwardCosts(lattice, scales);
  const forward = new Float64Array(lattice.numStates).fill(Infinity);
  const from = new Int32Array(lattice.numArcs);
  const cost = (a: number): number => lmScale * lattice.graphCost[a]! + acousticScale * lattice.acousticCost[a]!;
  if (lattice.start >= 0) forward[lattice.start] = 0;
  for (const s of latticeOrder(lattice))
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      from[a] = s;
      forward[nextState[a]!] = Math.min(forward[nextState[a]!]!, forward[s]! + cost(a));
    }
  const cutoff = lattice.start >= 0 ? backward[lattice.start]! + beam : 0;
  return connectCompact(
    lattice,
    (a) => forward[from[a]!]! + cost(a) + backward[nextState[a]!]! <= cutoff,
    (s) => forward[s]! + lmScale * lattice.finalGraphCost[s]! + acousticScale * lattice.finalAcousticCost[s]! <= cutoff,
  );
}
