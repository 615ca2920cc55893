import type { Fst } from '@jebena/wfst';
import { DecodeError } from './errors.js';

/**
 * A graph made ready for searching: each state's arcs split into those that take a frame and epsilons, labels turned
 * into columns of the scores. Searches over the same graph may share one.
 */
export class SearchGraph {
  /** Where each state's arcs begin in `emitting`. */
  readonly firstEmitting: Int32Array;
  readonly emitting: Int32Array;
  /** Where each state's arcs begin in `epsilon`. */
  readonly firstEpsilon: Int32Array;
  readonly epsilon: Int32Array;
  /** Column of the scores for each arc. */
  readonly arcPdf: Int32Array;
  /** The highest column in use; -1 when none is. */
  readonly maxPdf: number;

  /**
   * @param fst input labels are transition ids (or whatever `tidToPdf` is indexed by), 0 epsilon
   * @param tidToPdf column of the scores for each input label
   * @throws DecodeError for an empty graph, or one with input labels that `tidToPdf` lacks
   */
  constructor(
    readonly fst: Fst,
    tidToPdf: Int32Array,
  ) {
    if (fst.start < 0)
      throw new DecodeError('ERR_DECODE_GRAPH', 'search: expected a graph with a start state, found none');
    const { numArcs, numStates, ilabel, firstArc } = fst;
    let emitting = 0;
    let maxPdf = -1;
    this.arcPdf = new Int32Array(numArcs);
    for (let a = 0; a < numArcs; a++) {
      const label = ilabel[a]!;
      if (label === 0) continue;
      emitting++;
      const pdf = label < tidToPdf.length ? tidToPdf[label]! : -1;
      if (pdf < 0)
        throw new DecodeError('ERR_DECODE_GRAPH', `search: the graph has input label ${label}, which the model lacks`);
      if (pdf > maxPdf) maxPdf = pdf;
      this.arcPdf[a] = pdf;
    }
    this.maxPdf = maxPdf;
    this.firstEmitting = new Int32Array(numStates + 1);
    this.firstEpsilon = new Int32Array(numStates + 1);
    this.emitting = new Int32Array(emitting);
    this.epsilon = new Int32Array(numArcs - emitting);
    let e = 0;
    let n = 0;
    for (let s = 0; s < numStates; s++) {
      this.firstEmitting[s] = e;
      this.firstEpsilon[s] = n;
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++)
        if (ilabel[a] === 0) this.epsilon[n++] = a;
        else this.emitting[e++] = a;
    }
    this.firstEmitting[numStates] = e;
    this.firstEpsilon[numStates] = n;
  }
}
