import type { Fst } from '../fst.js';
import { determinizeStar } from './determinize-star.js';
import { Heap } from './heap.js';
import { removeEpsilons } from './remove-epsilons.js';
import { shortestDistance } from './shortest-distance.js';
import { builderLike } from './union.js';

export interface ShortestPathOptions {
  /** How many paths; 1 unless given. */
  readonly n?: number | undefined;
  /** Only paths with different input strings: the machine is determinized first, so it must be an acceptor or functional. */
  readonly unique?: boolean | undefined;
}

/** One path: its arcs in order and what it costs. */
export interface Path {
  readonly arcs: Int32Array;
  /** Labels without epsilons. */
  readonly ilabels: Int32Array;
  readonly olabels: Int32Array;
  /** The arcs' costs and the final one, summed. */
  readonly weight: number;
  readonly finalState: number;
}

interface Entry {
  readonly state: number;
  readonly cost: number;
  /** Cost so far and what the best way on costs: exact, so paths come in order. */
  readonly estimate: number;
  readonly arc: number;
  readonly previous: Entry | undefined;
}

/**
 * The best paths, least cost first: a search guided by each state's exact distance to the end (tropical costs).
 *
 * @throws FstError `ERR_FST_NEGATIVE_CYCLE`
 */
export function bestPaths(fst: Fst, { n = 1, unique = false }: ShortestPathOptions = {}): Path[] {
  if (unique) return bestPaths(determinizeStar(removeEpsilons(fst), { semiring: 'tropical' }), { n });
  const paths: Path[] = [];
  if (fst.start < 0) return paths;
  const ahead = shortestDistance(fst, { reverse: true, semiring: 'tropical' });
  const heap = new Heap<Entry>((a, b) => a.estimate < b.estimate);
  // State -1 stands for the end. No state is on more than n of the n best paths' prefixes.
  const visits = new Int32Array(fst.numStates);
  if (ahead[fst.start] !== Infinity)
    heap.push({ state: fst.start, cost: 0, estimate: ahead[fst.start]!, arc: -1, previous: undefined });
  while (heap.size > 0 && paths.length < n) {
    const entry = heap.pop()!;
    const s = entry.state;
    if (s < 0) {
      paths.push(pathOf(fst, entry));
      continue;
    }
    if (visits[s]!++ >= n) continue;
    if (fst.isFinal(s)) {
      const cost = entry.cost + fst.final[s]!;
      heap.push({ state: -1, cost, estimate: cost, arc: -1, previous: entry });
    }
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const t = fst.nextState[a]!;
      const cost = entry.cost + fst.weight[a]!;
      const estimate = cost + ahead[t]!;
      if (estimate !== Infinity) heap.push({ state: t, cost, estimate, arc: a, previous: entry });
    }
  }
  return paths;
}

function pathOf(fst: Fst, end: Entry): Path {
  const arcs: number[] = [];
  for (let e = end.previous; e && e.arc >= 0; e = e.previous) arcs.push(e.arc);
  arcs.reverse();
  const labels = (of: Int32Array): Int32Array => Int32Array.from(arcs, (a) => of[a]!).filter((label) => label !== 0);
  return {
    arcs: Int32Array.from(arcs),
    ilabels: labels(fst.ilabel),
    olabels: labels(fst.olabel),
    weight: end.cost,
    finalState: end.previous!.state,
  };
}

/**
 * The best paths as a machine: from its start a chain of arcs for each, least cost first.
 *
 * @throws FstError as {@link bestPaths}
 */
export function shortestPath(fst: Fst, { n = 1, unique = false }: ShortestPathOptions = {}): Fst {
  const from = unique ? determinizeStar(removeEpsilons(fst), { semiring: 'tropical' }) : fst;
  const out = builderLike(from);
  const paths = bestPaths(from, { n });
  if (paths.length === 0) return out.build();
  out.setStart(out.addState());
  for (const { arcs, finalState } of paths) {
    let s = 0;
    // With more than one path the start must not be final for another: a path without arcs gets an epsilon.
    if (arcs.length === 0 && paths.length > 1) out.addArc(0, 0, 0, 0, (s = out.addState()));
    for (const a of arcs) {
      const next = out.addState();
      out.addArc(s, from.ilabel[a]!, from.olabel[a]!, from.weight[a]!, next);
      s = next;
    }
    out.setFinal(s, from.final[finalState]!);
  }
  return out.build();
}
