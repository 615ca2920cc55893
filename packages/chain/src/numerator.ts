import type { Matrix } from '@jebena/io-ark';
import { type Fst, logAdd } from '@jebena/wfst';
import { ChainError } from './errors.js';
import type { Supervision } from './supervision.js';

/**
 * Forward-backward over what the supervision allows, in the log domain (chain/chain-numerator.cc, and
 * chain-generic-numerator.cc for end-to-end supervision).
 *
 * @param output rows ordered by frame, then by sequence; a column for each pdf
 * @param posterior of the output's shape: the posteriors of pdfs are added to it
 * @returns log-probability of all sequences together; -Infinity where there is no way through
 * @throws ChainError `ERR_CHAIN_SUPERVISION` where an acceptor does not fit the output
 */
export function numeratorForwardBackward(supervision: Supervision, output: Matrix, posterior: Float32Array): number {
  const { numSequences, framesPerSequence, fst, e2eFsts } = supervision;
  if (fst) return aligned(fst, output, numSequences, framesPerSequence, posterior);
  let logProb = 0;
  e2eFsts!.forEach((one, n) => {
    logProb += looped(one, output, n, numSequences, framesPerSequence, posterior);
  });
  return logProb;
}

const unfit = (what: string): never => {
  throw new ChainError('ERR_CHAIN_SUPERVISION', `numerator: ${what}`);
};

const pdfOf = (label: number, pdfs: number): number =>
  label >= 1 && label <= pdfs ? label - 1 : unfit(`expected labels (pdf + 1) from 1 to ${pdfs}, found ${label}`);

/** Log-domain sums of doubles; costs are turned to log-probabilities. */
const add = (a: number, b: number): number => (a === -Infinity ? b : -logAdd(-a, -b));

/** One acceptor over all sequences, one after the other: each state has its own time. */
function aligned(fst: Fst, { cols, data }: Matrix, sequences: number, frames: number, posterior: Float32Array): number {
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
      logProb = add(logProb, alpha[s]! - final[s]!);
    }
    const row = ((now % frames) * sequences + Math.floor(now / frames)) * cols;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const to = nextState[a]!;
      if (to <= s) unfit(`expected states in topological order, found an arc from ${s} to ${to}`);
      if (time[to]! >= 0 && time[to] !== now + 1) unfit(`expected state ${to} at one frame, found it at several`);
      if (now >= total) unfit(`expected paths of ${total} frames, found a longer one`);
      time[to] = now + 1;
      at[a] = row + pdfOf(ilabel[a]!, cols);
      alpha[to] = add(alpha[to]!, alpha[s]! - weight[a]! + data[at[a]!]!);
    }
  }
  const beta = new Float64Array(numStates);
  for (let s = numStates - 1; s >= 0; s--) {
    let b = -final[s]!;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const through = beta[nextState[a]!]! - weight[a]! + data[at[a]!]!;
      b = add(b, through);
      posterior[at[a]!]! += Math.exp(alpha[s]! + through - logProb);
    }
    beta[s] = b;
  }
  return logProb;
}

/** An acceptor with loops, of one sequence: all states at all frames. */
function looped(
  fst: Fst,
  { cols, data }: Matrix,
  sequence: number,
  sequences: number,
  frames: number,
  posterior: Float32Array,
): number {
  const { numStates, firstArc, ilabel, weight, nextState, final, start } = fst;
  const pdf = Int32Array.from(ilabel, (label) => pdfOf(label, cols));
  const alpha = new Float64Array((frames + 1) * numStates).fill(-Infinity);
  alpha[start] = 0;
  for (let t = 0; t < frames; t++) {
    const row = (t * sequences + sequence) * cols;
    for (let s = 0; s < numStates; s++) {
      const here = alpha[t * numStates + s]!;
      if (here === -Infinity) continue;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const to = (t + 1) * numStates + nextState[a]!;
        alpha[to] = add(alpha[to]!, here - weight[a]! + data[row + pdf[a]!]!);
      }
    }
  }
  let logProb = -Infinity;
  for (let s = 0; s < numStates; s++) logProb = add(logProb, alpha[frames * numStates + s]! - final[s]!);
  if (logProb === -Infinity) return logProb;
  let beta = Float64Array.from(final, (cost) => -cost);
  for (let t = frames - 1; t >= 0; t--) {
    const row = (t * sequences + sequence) * cols;
    const earlier = new Float64Array(numStates).fill(-Infinity);
    for (let s = 0; s < numStates; s++) {
      const here = alpha[t * numStates + s]!;
      if (here === -Infinity) continue;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const through = beta[nextState[a]!]! - weight[a]! + data[row + pdf[a]!]!;
        earlier[s] = add(earlier[s]!, through);
        posterior[row + pdf[a]!]! += Math.exp(here + through - logProb);
      }
    }
    beta = earlier;
  }
  return logProb;
}
