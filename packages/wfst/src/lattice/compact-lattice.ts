/** The columns of a compact lattice; see {@link CompactLattice}. */
export interface CompactLatticeParts {
  readonly start: number;
  readonly firstArc: Int32Array;
  readonly label: Int32Array;
  readonly graphCost: Float32Array;
  readonly acousticCost: Float32Array;
  readonly stringStart: Int32Array;
  readonly transitionIds: Int32Array;
  readonly nextState: Int32Array;
  readonly finalGraphCost: Float32Array;
  readonly finalAcousticCost: Float32Array;
  readonly finalStringStart: Int32Array;
  readonly finalTransitionIds: Int32Array;
  readonly properties?: bigint | undefined;
}

/**
 * A compact lattice that does not change: an acceptor of words whose arcs and final states have two costs and a
 * string of transition ids. The string of arc `a` is `transitionIds` from `stringStart[a]` up to
 * `stringStart[a + 1]`; that of a final state likewise. Kaldi's CompactLattice (lat/kaldi-lattice.h).
 */
export class CompactLattice implements CompactLatticeParts {
  /** The initial state, -1 for the empty lattice. */
  readonly start: number;
  readonly numStates: number;
  readonly numArcs: number;
  readonly firstArc: Int32Array;
  /** Words, 0 for none. */
  readonly label: Int32Array;
  readonly graphCost: Float32Array;
  readonly acousticCost: Float32Array;
  readonly stringStart: Int32Array;
  readonly transitionIds: Int32Array;
  readonly nextState: Int32Array;
  /** Infinity where a state is not final; the acoustic cost then too. */
  readonly finalGraphCost: Float32Array;
  readonly finalAcousticCost: Float32Array;
  readonly finalStringStart: Int32Array;
  readonly finalTransitionIds: Int32Array;
  /** OpenFst's property bits as a file's header gave them. */
  readonly properties: bigint | undefined;

  constructor(parts: CompactLatticeParts) {
    this.start = parts.start;
    this.numStates = parts.finalGraphCost.length;
    this.numArcs = parts.nextState.length;
    this.firstArc = parts.firstArc;
    this.label = parts.label;
    this.graphCost = parts.graphCost;
    this.acousticCost = parts.acousticCost;
    this.stringStart = parts.stringStart;
    this.transitionIds = parts.transitionIds;
    this.nextState = parts.nextState;
    this.finalGraphCost = parts.finalGraphCost;
    this.finalAcousticCost = parts.finalAcousticCost;
    this.finalStringStart = parts.finalStringStart;
    this.finalTransitionIds = parts.finalTransitionIds;
    this.properties = parts.properties;
  }

  /** A lattice that shares all columns with this one but those given; property bits are dropped. */
  with(changed: Partial<CompactLatticeParts>): CompactLattice {
    return new CompactLattice({ ...this, properties: undefined, ...changed });
  }

  isFinal(state: number): boolean {
    return this.finalGraphCost[state]! !== Infinity || this.finalAcousticCost[state]! !== Infinity;
  }

  /** The transition ids of an arc: a view. */
  string(arc: number): Int32Array {
    return this.transitionIds.subarray(this.stringStart[arc]!, this.stringStart[arc + 1]!);
  }

  /** The transition ids of a final state: a view. */
  finalString(state: number): Int32Array {
    return this.finalTransitionIds.subarray(this.finalStringStart[state]!, this.finalStringStart[state + 1]!);
  }
}
