import type { Fst } from '@jebena/wfst';
import { ChainError } from './errors.js';

/** Arcs grouped by one of their states: those of state `s` are `first[s]` up to `first[s + 1]`. */
export interface GroupedArcs {
  readonly first: Int32Array;
  /** The state at the other end. */
  readonly state: Int32Array;
  readonly pdf: Int32Array;
  readonly probability: Float32Array;
}

/** Steps over which occupation is averaged to get the initial probabilities, as in Kaldi. */
const initialSteps = 100;

/**
 * What every utterance may say, as the denominator of LF-MMI takes it: an epsilon-free acceptor over pdf + 1
 * (`den.fst`), laid out for the forward-backward algorithm. Speech may begin anywhere in it, by `initial`, and end
 * anywhere: chunks are cut out of utterances (chain/chain-den-graph.cc).
 */
export class DenominatorGraph {
  readonly numStates: number;
  readonly numArcs: number;
  readonly numPdfs: number;
  /** Probability of each state at the start of a chunk. */
  readonly initial: Float32Array;
  /** Arcs by the state that they enter. */
  readonly entering: GroupedArcs;
  /** Arcs by the state that they leave. */
  readonly leaving: GroupedArcs;

  /**
   * @param numPdfs width of the network's output
   * @throws ChainError `ERR_CHAIN_GRAPH` where a label is epsilon or names no pdf, or the graph is empty
   */
  constructor(fst: Fst, numPdfs: number) {
    if (fst.start < 0) throw new ChainError('ERR_CHAIN_GRAPH', 'denominator graph: expected states, found none');
    this.numStates = fst.numStates;
    this.numArcs = fst.numArcs;
    this.numPdfs = numPdfs;
    for (const label of fst.ilabel)
      if (label < 1 || label > numPdfs)
        throw new ChainError(
          'ERR_CHAIN_GRAPH',
          `denominator graph: expected labels (pdf + 1) from 1 to ${numPdfs}, found ${label}`,
        );
    this.initial = initialProbabilities(fst);
    const from = new Int32Array(fst.numArcs);
    for (let s = 0; s < fst.numStates; s++) from.fill(s, fst.firstArc[s]!, fst.firstArc[s + 1]!);
    this.leaving = grouped(fst, from, fst.nextState);
    this.entering = grouped(fst, fst.nextState, from);
  }
}

function grouped(fst: Fst, by: Int32Array, other: Int32Array): GroupedArcs {
  const first = new Int32Array(fst.numStates + 1);
  for (const s of by) first[s + 1]!++;
  for (let s = 0; s < fst.numStates; s++) first[s + 1]! += first[s]!;
  const next = first.slice();
  const state = new Int32Array(fst.numArcs);
  const pdf = new Int32Array(fst.numArcs);
  const probability = new Float32Array(fst.numArcs);
  for (let a = 0; a < fst.numArcs; a++) {
    const i = next[by[a]!]!++;
    state[i] = other[a]!;
    pdf[i] = fst.ilabel[a]! - 1;
    probability[i] = Math.exp(-fst.weight[a]!);
  }
  return { first, state, pdf, probability };
}

/** How likely each state is at a random frame: its share of the first hundred, from the start on. */
export function initialProbabilities(fst: Fst): Float32Array {
  const { numStates, firstArc, weight, nextState, final, start } = fst;
  const probability = Float64Array.from(weight, (cost) => Math.exp(-cost));
  // What leaves a state is made to sum to 1, the final probability included.
  for (let s = 0; s < numStates; s++) {
    let sum = Math.exp(-final[s]!);
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) sum += probability[a]!;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) probability[a]! /= sum;
  }
  const average = new Float64Array(numStates);
  let now = new Float64Array(numStates);
  now[start] = 1;
  for (let step = 0; step < initialSteps; step++) {
    const then = new Float64Array(numStates);
    let sum = 0;
    for (let s = 0; s < numStates; s++) {
      average[s]! += now[s]! / initialSteps;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const p = now[s]! * probability[a]!;
        then[nextState[a]!]! += p;
        sum += p;
      }
    }
    // Final probabilities have let some out.
    now = sum > 0 ? then.map((p) => p / sum) : then;
  }
  return Float32Array.from(average);
}
