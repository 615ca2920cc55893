import { float32Column, int32Column, orderArcs } from '../arc-order.js';
import { FstError } from '../errors.js';
import { Lattice } from './lattice.js';

/**
 * Builds a {@link Lattice}: states and arcs in any order.
 *
 * @example
 * ```ts
 * const b = new LatticeBuilder();
 * const [s, t] = [b.addState(), b.addState()];
 * b.setStart(s);
 * b.addArc(s, { ilabel: 3, olabel: 7, graphCost: 0.5, acousticCost: -12, nextState: t });
 * b.setFinal(t);
 * ```
 */
export class LatticeBuilder {
  private start = -1;
  private readonly from: number[] = [];
  private readonly ilabel: number[] = [];
  private readonly olabel: number[] = [];
  private readonly graphCost: number[] = [];
  private readonly acousticCost: number[] = [];
  private readonly nextState: number[] = [];
  private readonly finalGraphCost: number[] = [];
  private readonly finalAcousticCost: number[] = [];

  get numStates(): number {
    return this.finalGraphCost.length;
  }

  addState(): number {
    this.finalGraphCost.push(Infinity);
    this.finalAcousticCost.push(Infinity);
    return this.finalGraphCost.length - 1;
  }

  /** Adds states until there are `count`. */
  ensureStates(count: number): void {
    while (this.numStates < count) this.addState();
  }

  setStart(state: number): void {
    this.start = state;
  }

  setFinal(state: number, graphCost: number = 0, acousticCost: number = 0): void {
    known(state, this.numStates, 'setFinal');
    this.finalGraphCost[state] = graphCost;
    this.finalAcousticCost[state] = acousticCost;
  }

  addArc(from: number, arc: LatticeArc): void {
    this.from.push(from);
    this.ilabel.push(arc.ilabel);
    this.olabel.push(arc.olabel);
    this.graphCost.push(arc.graphCost);
    this.acousticCost.push(arc.acousticCost);
    this.nextState.push(arc.nextState);
  }

  /** @throws FstError `ERR_FST_INVALID` where the start or an arc names a state that was not added */
  build(): Lattice {
    const states = this.numStates;
    const arcs = this.from.length;
    if (this.start !== -1) known(this.start, states, 'start');
    for (let i = 0; i < arcs; i++) {
      known(this.from[i]!, states, 'arc');
      known(this.nextState[i]!, states, 'arc');
    }
    const { firstArc, order } = orderArcs(this.from, arcs, states);
    return new Lattice({
      start: this.start,
      firstArc,
      ilabel: int32Column(this.ilabel, arcs, order),
      olabel: int32Column(this.olabel, arcs, order),
      graphCost: float32Column(this.graphCost, arcs, order),
      acousticCost: float32Column(this.acousticCost, arcs, order),
      nextState: int32Column(this.nextState, arcs, order),
      finalGraphCost: Float32Array.from(this.finalGraphCost),
      finalAcousticCost: Float32Array.from(this.finalAcousticCost),
    });
  }
}

export interface LatticeArc {
  readonly ilabel: number;
  readonly olabel: number;
  readonly graphCost: number;
  readonly acousticCost: number;
  readonly nextState: number;
}

export function known(state: number, states: number, what: string): void {
  if (!(state >= 0 && state < states))
    throw new FstError('ERR_FST_INVALID', `${what}: expected a state below ${states}, found ${state}`);
}
