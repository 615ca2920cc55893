import type { CompactLattice } from '@jebena/wfst';
import { latticeOrder } from './lattice-order.js';
import { PriorityQueue } from './priority-queue.js';

/** A path through a lattice. Costs are the lattice's, unscaled. */
export interface LatticePath {
  readonly words: Int32Array;
  /** Transition ids, one a frame. */
  readonly alignment: Int32Array;
  readonly graphCost: number;
  readonly acousticCost: number;
  /** The frame at which each word's arc begins. */
  readonly wordTimes: Int32Array;
}

/** How much each cost counts when paths are compared. */
export interface CostScales {
  /** Factor on graph costs (language model, lexicon, transitions). Default 1. */
  readonly lmScale?: number | undefined;
  /** Factor on acoustic costs. Default 1. */
  readonly acousticScale?: number | undefined;
}

/** The cheapest cost from each state to an end. */
export function backwardCosts(
  lattice: CompactLattice,
  { lmScale = 1, acousticScale = 1 }: CostScales = {},
): Float64Array {
  const costs = new Float64Array(lattice.numStates).fill(Infinity);
  const order = latticeOrder(lattice);
  for (let i = order.length - 1; i >= 0; i--) {
    const s = order[i]!;
    let best = lattice.isFinal(s)
      ? lmScale * lattice.finalGraphCost[s]! + acousticScale * lattice.finalAcousticCost[s]!
      : Infinity;
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const cost = lmScale * lattice.graphCost[a]! + acousticScale * lattice.acousticCost[a]!;
      best = Math.min(best, cost + costs[lattice.nextState[a]!]!);
    }
    costs[s] = best;
  }
  return costs;
}

/**
 * The cheapest paths of a lattice, best first (lattice-to-nbest). In a determinised lattice each has its own words.
 *
 * @throws DecodeError for a lattice with a cycle
 */
export const nBest = (lattice: CompactLattice, n: number, scales: CostScales = {}): LatticePath[] =>
  nBestArcs(lattice, n, scales).map(({ arcs, last }) => pathOf(lattice, arcs, last));

/** A path as the arcs it takes and the state that it ends in. */
export interface ArcPath {
  readonly arcs: readonly number[];
  readonly last: number;
}

/** {@link nBest} as arcs. */
export function nBestArcs(lattice: CompactLattice, n: number, scales: CostScales = {}): ArcPath[] {
  if (lattice.start < 0) return [];
  const { lmScale = 1, acousticScale = 1 } = scales;
  const backward = backwardCosts(lattice, scales);
  // Partial paths: an arc after another partial path; -1 begins, `ended` marks a path that took its final cost.
  const arc: number[] = [-1];
  const before: number[] = [-1];
  const cost: number[] = [0];
  const ended: boolean[] = [false];
  const queue = new PriorityQueue();
  if (backward[lattice.start]! < Infinity) queue.push(0, backward[lattice.start]!);
  const paths: ArcPath[] = [];
  const add = (a: number, from: number, sum: number, rest: number, end: boolean): void => {
    if (sum + rest === Infinity) return;
    queue.push(arc.length, sum + rest);
    arc.push(a);
    before.push(from);
    cost.push(sum);
    ended.push(end);
  };
  while (queue.size > 0 && paths.length < n) {
    const p = queue.pop();
    const s = arc[p]! < 0 ? lattice.start : lattice.nextState[arc[p]!]!;
    if (ended[p]) {
      const arcs: number[] = [];
      for (let q = before[p]!; arc[q]! >= 0; q = before[q]!) arcs.push(arc[q]!);
      paths.push({ arcs: arcs.reverse(), last: s });
      continue;
    }
    if (lattice.isFinal(s)) {
      const final = lmScale * lattice.finalGraphCost[s]! + acousticScale * lattice.finalAcousticCost[s]!;
      add(arc[p]!, p, cost[p]! + final, 0, true);
    }
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const sum = cost[p]! + lmScale * lattice.graphCost[a]! + acousticScale * lattice.acousticCost[a]!;
      add(a, p, sum, backward[lattice.nextState[a]!]!, false);
    }
  }
  return paths;
}

/** The cheapest path; undefined for an empty lattice (lattice-best-path, lattice-1best). */
export const latticeBestPath = (lattice: CompactLattice, scales: CostScales = {}): LatticePath | undefined =>
  nBest(lattice, 1, scales)[0];

function pathOf(lattice: CompactLattice, arcs: readonly number[], last: number): LatticePath {
  const words: number[] = [];
  const wordTimes: number[] = [];
  const alignment: number[] = [];
  let graphCost = lattice.finalGraphCost[last]!;
  let acousticCost = lattice.finalAcousticCost[last]!;
  for (const a of arcs) {
    graphCost += lattice.graphCost[a]!;
    acousticCost += lattice.acousticCost[a]!;
    if (lattice.label[a] !== 0) {
      words.push(lattice.label[a]!);
      wordTimes.push(alignment.length);
    }
    for (const tid of lattice.string(a)) alignment.push(tid);
  }
  for (const tid of lattice.finalString(last)) alignment.push(tid);
  return {
    words: Int32Array.from(words),
    alignment: Int32Array.from(alignment),
    wordTimes: Int32Array.from(wordTimes),
    graphCost,
    acousticCost,
  };
}
