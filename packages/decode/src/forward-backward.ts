import { type CompactLattice, logAdd } from '@jebena/wfst';
import { latticeOrder } from './lattice-order.js';
import type { CostScales } from './lattice-paths.js';

export interface ForwardBackward {
  /** Cost of all paths to each state, summed (negated logarithms). */
  readonly forward: Float64Array;
  /** Cost of all paths from each state to the end, summed. */
  readonly backward: Float64Array;
  /** Cost of all paths, summed. */
  readonly total: number;
  /** Probability of passing each arc. */
  readonly arcPosterior: Float64Array;
  /** Probability of ending in each state. */
  readonly finalPosterior: Float64Array;
  /** Scaled costs. */
  readonly arcCost: Float64Array;
  readonly finalCost: Float64Array;
  readonly order: Int32Array;
}

/**
 * The forward-backward algorithm over a lattice.
 *
 * @throws DecodeError for a lattice with a cycle
 */
export function forwardBackward(lattice: CompactLattice, scales: CostScales = {}): ForwardBackward {
  const { lmScale = 1, acousticScale = 1 } = scales;
  const { numStates, numArcs, firstArc, nextState } = lattice;
  const order = latticeOrder(lattice);
  const arcCost = Float64Array.from(
    lattice.graphCost,
    (graph, a) => lmScale * graph + acousticScale * lattice.acousticCost[a]!,
  );
  const finalCost = Float64Array.from(lattice.finalGraphCost, (graph, s) =>
    lattice.isFinal(s) ? lmScale * graph + acousticScale * lattice.finalAcousticCost[s]! : Infinity,
  );
  const forward = new Float64Array(numStates).fill(Infinity);
  const backward = new Float64Array(numStates).fill(Infinity);
  if (lattice.start >= 0) forward[lattice.start] = 0;
  for (const s of order)
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const to = nextState[a]!;
      forward[to] = logAdd(forward[to]!, forward[s]! + arcCost[a]!);
    }
  for (let i = order.length - 1; i >= 0; i--) {
    const s = order[i]!;
    let sum = finalCost[s]!;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) sum = logAdd(sum, arcCost[a]! + backward[nextState[a]!]!);
    backward[s] = sum;
  }
  const total = lattice.start >= 0 ? backward[lattice.start]! : Infinity;
  const arcPosterior = new Float64Array(numArcs);
  const finalPosterior = new Float64Array(numStates);
  if (total < Infinity)
    for (const s of order) {
      finalPosterior[s] = Math.exp(total - forward[s]! - finalCost[s]!);
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++)
        arcPosterior[a] = Math.exp(total - forward[s]! - arcCost[a]! - backward[nextState[a]!]!);
    }
  return { forward, backward, total, arcPosterior, finalPosterior, arcCost, finalCost, order };
}
