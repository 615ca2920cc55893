import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';

export interface PushSpecialOptions {
  /** How far the states' sums may differ, as a difference of costs; 1/1024 unless given. */
  readonly delta?: number | undefined;
}

const MOST_ITERATIONS = 200;

/**
 * Moves costs along paths until the probabilities that leave each state (its arcs' and its final one's) have the
 * same sum everywhere, "almost stochastic"; the cost of whole paths stays. In the log semiring, whatever the
 * transducer's own is. Kaldi's PushSpecial (fstext/push-special.cc): the potentials are the leading eigenvector of
 * the matrix of transition probabilities, with final states taken as leading back to the start.
 *
 * @throws FstError `ERR_FST_INVALID` where costs overflow
 */
export function pushSpecial(fst: Fst, { delta = 1 / 1024 }: PushSpecialOptions = {}): Fst {
  if (fst.start < 0) return fst;
  const { numStates, firstArc, nextState, start } = fst;
  const probability = Float64Array.from(fst.weight, (w) => Math.exp(-w));
  const finalProbability = Float64Array.from(fst.final, (w) => Math.exp(-w));
  let potential = new Float64Array(numStates).fill(1 / Math.sqrt(numStates));
  let next = new Float64Array(numStates);
  for (let iteration = 0; ; iteration++) {
    let [least, most, squares] = [Infinity, 0, 0];
    for (let s = 0; s < numStates; s++) {
      let sum = finalProbability[s]! * potential[start]!;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) sum += probability[a]! * potential[nextState[a]!]!;
      const ratio = sum / potential[s]!;
      least = Math.min(least, ratio);
      most = Math.max(most, ratio);
      // Some of the old potential goes in too: a periodic graph would not settle otherwise.
      next[s] = sum + 0.1 * potential[s]!;
      squares += next[s] * next[s];
    }
    if (!(squares > 0 && squares < Infinity))
      throw new FstError('ERR_FST_INVALID', `pushSpecial: costs are too large or no path ends (sum ${squares})`);
    if (Math.log(most / least) <= delta || iteration === MOST_ITERATIONS) break;
    const scale = 1 / Math.sqrt(squares);
    for (let s = 0; s < numStates; s++) next[s]! *= scale;
    [potential, next] = [next, potential];
  }
  return reweight(
    fst,
    potential.map((p) => -Math.log(p)),
  );
}

/** Adds the next state's potential to each arc and takes the state's own off; the start's comes back at the end. */
function reweight(fst: Fst, potential: Float64Array): Fst {
  const weight = new Float32Array(fst.numArcs);
  const final = new Float32Array(fst.numStates);
  for (let s = 0; s < fst.numStates; s++) {
    final[s] = fst.final[s]! + potential[fst.start]! - potential[s]!;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
      weight[a] = fst.weight[a]! + potential[fst.nextState[a]!]! - potential[s]!;
  }
  return fst.with({ weight, final });
}
