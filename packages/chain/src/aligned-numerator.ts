import type { Matrix } from '@jebena/io-ark';
import { type Fst, logAdd } from '@jebena/wfst';
import type { AddPosterior } from './sequence-output.js';
import { pdfOf, unfit } from './unfit.js';

/** Log-domain sums of doubles; costs are turned to log-probabilities. */
const plus = (a: number, b: number): number => (a === -Infinity ? b : -logAdd(-a, -b));

/** One acceptor over all sequences, one after the other: each state has its own time. */
export function alignedNumerator(
  fst: Fst,
  { cols, data }: Matrix,
  sequences: number,
  frames: number,
  add: AddPosterior,
): number {
  const { numStates, firstArc, ilabel, weight, nextState, final, start } = fst;
  if (start !== 0) unfit(`expected state 0 to be the start, found ${start}`);
  const time = new Int32Array(numStates).fill(-1);
  time[0] = 0;
  const alpha = new Float64Array(numStates).fill(-Infinity);
  alpha[0] = 0;
  const total = sequences * frames;
  const at = new Int32Array(fst.numArcs);
  let logProb = -Infinity;
  for (let s = 0; s < numStates; s++) {
    const now = time[s]!;
    if (final[s]! < Infinity) {
      if (now !== total) unfit(`expected paths of ${total} frames, found one of ${now}`);
      logProb = plus(logProb, alpha[s]! - final[s]!);
    }
    const row = ((now % frames) * sequences + Math.floor(now / frames)) * cols;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const to = nextState[a]!;
      if (to <= s) unfit(`expected states in topological order, found an arc from ${s} to ${to}`);
      if (time[to]! >= 0 && time[to] !== now + 1) unfit(`expected state ${to} at one frame, found it at several`);
      if (now >= total) unfit(`expected paths of ${total} frames, found a longer one`);
      time[to] = now + 1;
      at[a] = row + pdfOf(ilabel[a]!, cols);
      alpha[to] = plus(alpha[to]!, alpha[s]! - weight[a]! + data[at[a]!]!);
    }
  }
  const beta = new Float64Array(numStates);
  for (let s = numStates - 1; s >= 0; s--) {
    let b = -final[s]!;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const through = beta[nextState[a]!]! - weight[a]! + data[at[a]!]!;
      b = plus(b, through);
      add(at[a]!, Math.exp(alpha[s]! + through - logProb));
    }
    beta[s] = b;
  }
  return logProb;
}
