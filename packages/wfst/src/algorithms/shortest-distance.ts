import { FstError } from '../errors.js';
import type { Fst, Semiring } from '../fst.js';
import { components } from './scc.js';
import { plusOf } from './log-add.js';
import { reverseArcs } from './reverse.js';

export interface ShortestDistanceOptions {
  /** From each state to the final ones instead of from the start to each state. */
  readonly reverse?: boolean | undefined;
  readonly semiring?: Semiring | undefined;
  /** Changes below this are not followed further; 1e-6 unless given (OpenFst's own is 1/1024). */
  readonly delta?: number | undefined;
}

/**
 * The cost of all paths from the start to each state: the best path's or, in the log semiring, their sum. Component
 * by component in topological order, so an acyclic transducer is visited once (M. Mohri, "Semiring frameworks and
 * algorithms for shortest-distance problems", 2002).
 *
 * @returns a cost a state, Infinity where no path leads
 * @throws FstError `ERR_FST_NEGATIVE_CYCLE` where a cycle has no least cost
 */
export function shortestDistance(fst: Fst, options: ShortestDistanceOptions = {}): Float64Array {
  const { reverse = false, semiring = fst.semiring, delta = 1e-6 } = options;
  const distance = new Float64Array(fst.numStates).fill(Infinity);
  const pending = new Float64Array(fst.numStates).fill(Infinity);
  if (fst.start < 0) return distance;
  const arcs = reverse ? reverseArcs(fst) : { first: fst.firstArc, to: fst.nextState, weight: fst.weight };
  if (reverse) {
    distance.set(fst.final);
    pending.set(fst.final);
  } else distance[fst.start] = pending[fst.start] = 0;
  const { component, count } = components(fst);
  const plus = plusOf(semiring);
  const members = byComponent(component, count);
  const queued = new Uint8Array(fst.numStates);
  let steps = 0;
  for (let n = 0; n < count; n++) {
    const c = reverse ? count - 1 - n : n;
    const queue: number[] = [];
    for (let i = members.first[c]!; i < members.first[c + 1]!; i++) {
      const s = members.states[i]!;
      if (pending[s] === Infinity) continue;
      queue.push(s);
      queued[s] = 1;
    }
    const most = 1_000_000 + 1000 * (members.first[c + 1]! - members.first[c]!);
    for (let q = 0; q < queue.length; q++) {
      if (++steps > most && q > most)
        throw new FstError('ERR_FST_NEGATIVE_CYCLE', `a cycle through state ${queue[q]} has no least cost`);
      const s = queue[q]!;
      const cost = pending[s]!;
      pending[s] = Infinity;
      queued[s] = 0;
      for (let a = arcs.first[s]!; a < arcs.first[s + 1]!; a++) {
        const t = arcs.to[a]!;
        const arriving = cost + arcs.weight[a]!;
        if (arriving === Infinity) continue;
        const before = distance[t]!;
        distance[t] = plus(before, arriving);
        pending[t] = plus(pending[t]!, arriving);
        if (component[t] !== c || queued[t] || !(before - distance[t] > delta)) continue;
        queued[t] = 1;
        queue.push(t);
      }
    }
  }
  return distance;
}

function byComponent(component: Int32Array, count: number): { first: Int32Array; states: Int32Array } {
  const first = new Int32Array(count + 1);
  for (const c of component) first[c + 1]!++;
  for (let c = 0; c < count; c++) first[c + 1]! += first[c]!;
  const place = first.slice();
  const states = new Int32Array(component.length);
  for (let s = 0; s < component.length; s++) states[place[component[s]!]!++] = s;
  return { first, states };
}
