import { type Fst, logAdd } from '@jebena/wfst';
import type { SequenceOutput } from './sequence-output.js';

/** Log-domain sums of doubles; costs are turned to log-probabilities. */
const plus = (a: number, b: number): number => (a === -Infinity ? b : -logAdd(-a, -b));

/**
 * Forward-backward over an acceptor with loops, all states at all frames, in the log domain: whatever the outputs,
 * nothing is lost (chain/chain-generic-numerator.cc).
 *
 * @param pdf of each arc
 * @returns log-probability; -Infinity where there is no way through
 */
export function loopedNumerator(
  { numStates, firstArc, weight, nextState, final, start }: Fst,
  pdf: Int32Array,
  { data, add, frames, ...rows }: SequenceOutput,
): number {
  const alpha = new Float64Array((frames + 1) * numStates).fill(-Infinity);
  alpha[start] = 0;
  for (let t = 0; t < frames; t++) {
    const row = rows.start + t * rows.stride;
    for (let s = 0; s < numStates; s++) {
      const here = alpha[t * numStates + s]!;
      if (here === -Infinity) continue;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const to = (t + 1) * numStates + nextState[a]!;
        alpha[to] = plus(alpha[to]!, here - weight[a]! + data[row + pdf[a]!]!);
      }
    }
  }
  let logProb = -Infinity;
  for (let s = 0; s < numStates; s++) logProb = plus(logProb, alpha[frames * numStates + s]! - final[s]!);
  if (logProb === -Infinity) return logProb;
  let beta = Float64Array.from(final, (cost) => -cost);
  for (let t = frames - 1; t >= 0; t--) {
    const row = rows.start + t * rows.stride;
    const earlier = new Float64Array(numStates).fill(-Infinity);
    for (let s = 0; s < numStates; s++) {
      const here = alpha[t * numStates + s]!;
      if (here === -Infinity) continue;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const through = beta[nextState[a]!]! - weight[a]! + data[row + pdf[a]!]!;
        earlier[s] = plus(earlier[s]!, through);
        add(row + pdf[a]!, Math.exp(here + through - logProb));
      }
    }
    beta = earlier;
  }
  return logProb;
}
