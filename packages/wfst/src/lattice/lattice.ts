/** The columns of a lattice; see {@link Lattice}. */
export interface LatticeParts {
  readonly start: number;
  readonly firstArc: Int32Array;
  readonly ilabel: Int32Array;
  readonly olabel: Int32Array;
  readonly graphCost: Float32Array;
  readonly acousticCost: Float32Array;
  readonly nextState: Int32Array;
  readonly finalGraphCost: Float32Array;
  readonly finalAcousticCost: Float32Array;
  readonly properties?: bigint | undefined;
}

/**
 * A lattice that does not change: a transducer whose arcs have two costs, the graph's (language model, lexicon,
 * transitions) and the acoustic one (negated log-likelihood, unscaled). Input labels are transition ids, output
 * labels words; 0 is epsilon. The arcs of state `s` are `firstArc[s]` up to `firstArc[s + 1]`. Kaldi's Lattice
 * (lat/kaldi-lattice.h, fstext/lattice-weight.h).
 */
export class Lattice implements LatticeParts {
  /** The initial state, -1 for the empty lattice. */
  readonly start: number;
  readonly numStates: number;
  readonly numArcs: number;
  readonly firstArc: Int32Array;
  readonly ilabel: Int32Array;
  readonly olabel: Int32Array;
  readonly graphCost: Float32Array;
  readonly acousticCost: Float32Array;
  readonly nextState: Int32Array;
  /** Infinity where a state is not final; the acoustic cost then too. */
  readonly finalGraphCost: Float32Array;
  readonly finalAcousticCost: Float32Array;
  /** OpenFst's property bits as a file's header gave them. */
  readonly properties: bigint | undefined;

  constructor(parts: LatticeParts) {
    this.start = parts.start;
    this.numStates = parts.finalGraphCost.length;
    this.numArcs = parts.nextState.length;
    this.firstArc = parts.firstArc;
    this.ilabel = parts.ilabel;
    this.olabel = parts.olabel;
    this.graphCost = parts.graphCost;
    this.acousticCost = parts.acousticCost;
    this.nextState = parts.nextState;
    this.finalGraphCost = parts.finalGraphCost;
    this.finalAcousticCost = parts.finalAcousticCost;
    this.properties = parts.properties;
  }

  /** A lattice that shares all columns with this one but those given; property bits are dropped. */
  with(changed: Partial<LatticeParts>): Lattice {
    return new Lattice({ ...this, properties: undefined, ...changed });
  }

  isFinal(state: number): boolean {
    return this.finalGraphCost[state]! !== Infinity || this.finalAcousticCost[state]! !== Infinity;
  }
}
