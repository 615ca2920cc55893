import type { Fst, Semiring } from '../fst.js';
import { plusOf } from './log-add.js';

/** The least and the greatest cost of what leaves a state, arcs and final cost summed; 0 and 0 for no states. */
export function stateSums(fst: Fst, semiring: Semiring = 'log'): { readonly least: number; readonly most: number } {
  const plus = plusOf(semiring);
  let [least, most] = [Infinity, -Infinity];
  for (let s = 0; s < fst.numStates; s++) {
    let sum: number = fst.final[s]!;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) sum = plus(sum, fst.weight[a]!);
    least = Math.min(least, sum);
    most = Math.max(most, sum);
  }
  return fst.numStates === 0 ? { least: 0, most: 0 } : { least, most };
}
