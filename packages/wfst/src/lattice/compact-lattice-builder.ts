import { float32Column, int32Column, orderArcs } from '../arc-order.js';
import { CompactLattice } from './compact-lattice.js';
import { known } from './lattice-builder.js';

export interface CompactLatticeArc {
  readonly label: number;
  readonly graphCost: number;
  readonly acousticCost: number;
  readonly transitionIds: ArrayLike<number>;
  readonly nextState: number;
}

const none: ArrayLike<number> = [];

/** Builds a {@link CompactLattice}: states and arcs in any order. */
export class CompactLatticeBuilder {
  private start = -1;
  private readonly from: number[] = [];
  private readonly arcs: CompactLatticeArc[] = [];
  private readonly finals: Pick<CompactLatticeArc, 'graphCost' | 'acousticCost' | 'transitionIds'>[] = [];

  get numStates(): number {
    return this.finals.length;
  }

  addState(): number {
    this.finals.push({ graphCost: Infinity, acousticCost: Infinity, transitionIds: none });
    return this.finals.length - 1;
  }

  /** Adds states until there are `count`. */
  ensureStates(count: number): void {
    while (this.numStates < count) this.addState();
  }

  setStart(state: number): void {
    this.start = state;
  }

  setFinal(
    state: number,
    graphCost: number = 0,
    acousticCost: number = 0,
    transitionIds: ArrayLike<number> = none,
  ): void {
    known(state, this.numStates, 'setFinal');
    this.finals[state] = { graphCost, acousticCost, transitionIds };
  }

  addArc(from: number, arc: CompactLatticeArc): void {
    this.from.push(from);
    this.arcs.push(arc);
  }

  /** @throws FstError `ERR_FST_INVALID` where the start or an arc names a state that was not added */
  build(): CompactLattice {
    const { from, arcs, finals } = this;
    if (this.start !== -1) known(this.start, finals.length, 'start');
    for (const [i, arc] of arcs.entries()) {
      known(from[i]!, finals.length, 'arc');
      known(arc.nextState, finals.length, 'arc');
    }
    const { firstArc, order } = orderArcs(from, arcs.length, finals.length);
    const placed = order ? Array.from(order, (i) => arcs[i]!) : arcs;
    const costs = <A>(of: readonly A[], cost: (a: A) => number): Float32Array =>
      float32Column(of.map(cost), of.length, undefined);
    const labels = (of: (a: CompactLatticeArc) => number): Int32Array =>
      int32Column(placed.map(of), placed.length, undefined);
    const strings = joined(placed);
    const finalStrings = joined(finals);
    return new CompactLattice({
      start: this.start,
      firstArc,
      label: labels((a) => a.label),
      nextState: labels((a) => a.nextState),
      graphCost: costs(placed, (a) => a.graphCost),
      acousticCost: costs(placed, (a) => a.acousticCost),
      stringStart: strings.start,
      transitionIds: strings.labels,
      finalGraphCost: costs(finals, (f) => f.graphCost),
      finalAcousticCost: costs(finals, (f) => f.acousticCost),
      finalStringStart: finalStrings.start,
      finalTransitionIds: finalStrings.labels,
    });
  }
}

function joined(items: readonly { readonly transitionIds: ArrayLike<number> }[]): {
  start: Int32Array;
  labels: Int32Array;
} {
  const start = new Int32Array(items.length + 1);
  for (const [i, { transitionIds }] of items.entries()) start[i + 1] = start[i]! + transitionIds.length;
  const labels = new Int32Array(start[items.length]!);
  for (const [i, { transitionIds }] of items.entries()) labels.set(transitionIds, start[i]!);
  return { start, labels };
}
