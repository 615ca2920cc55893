import { float32Column, int32Column, orderArcs } from './arc-order.js';
import { FstError } from './errors.js';
import { Fst, type Semiring } from './fst.js';
import type { SymbolTable } from './symbols/symbol-table.js';

export interface FstBuilderOptions {
  readonly semiring?: Semiring | undefined;
  /** How many arcs to make room for at first; it grows by itself. */
  readonly arcs?: number | undefined;
  readonly states?: number | undefined;
  readonly inputSymbols?: SymbolTable | undefined;
  readonly outputSymbols?: SymbolTable | undefined;
}

/**
 * Builds an {@link Fst}: states and arcs in any order; the arcs of one state keep the order in which they were added.
 *
 * @example
 * ```ts
 * const b = new FstBuilder();
 * const [s, t] = [b.addState(), b.addState()];
 * b.setStart(s);
 * b.addArc(s, 1, 2, 0.5, t); // ilabel 1, olabel 2, cost 0.5
 * b.setFinal(t);
 * const fst = b.build();
 * ```
 */
export class FstBuilder {
  private readonly options: FstBuilderOptions;
  private start = -1;
  private states = 0;
  private arcs = 0;
  private final: Float32Array;
  private from: Int32Array;
  private ilabel: Int32Array;
  private olabel: Int32Array;
  private weight: Float32Array;
  private nextState: Int32Array;

  constructor(options: FstBuilderOptions = {}) {
    this.options = options;
    const { arcs = 16, states = 16 } = options;
    this.final = new Float32Array(states);
    this.from = new Int32Array(arcs);
    this.ilabel = new Int32Array(arcs);
    this.olabel = new Int32Array(arcs);
    this.weight = new Float32Array(arcs);
    this.nextState = new Int32Array(arcs);
  }

  get numStates(): number {
    return this.states;
  }

  get numArcs(): number {
    return this.arcs;
  }

  /** Adds a state that is not final and returns its number. */
  addState(): number {
    if (this.states === this.final.length) {
      const grown = new Float32Array(2 * this.states + 16);
      grown.set(this.final);
      this.final = grown;
    }
    this.final[this.states] = Infinity;
    return this.states++;
  }

  /** Adds states until there are `count`. */
  ensureStates(count: number): void {
    while (this.states < count) this.addState();
  }

  setStart(state: number): void {
    this.start = state;
  }

  /** Makes a state final, at no cost unless one is given (Infinity: not final). */
  setFinal(state: number, weight: number = 0): void {
    this.final[this.known(state, 'setFinal')] = weight;
  }

  /** The final cost of a state, Infinity when it is not final. */
  finalWeight(state: number): number {
    return this.final[this.known(state, 'finalWeight')]!;
  }

  /** Adds an arc and returns its index in the order of adding. `nextState` may be added later. */
  addArc(from: number, ilabel: number, olabel: number, weight: number, nextState: number): number {
    const i = this.arcs++;
    if (i === this.from.length) this.grow();
    this.from[i] = from;
    this.ilabel[i] = ilabel;
    this.olabel[i] = olabel;
    this.weight[i] = weight;
    this.nextState[i] = nextState;
    return i;
  }

  private known(state: number, what: string): number {
    if (state >= 0 && state < this.states) return state;
    throw new FstError('ERR_FST_INVALID', `${what}: expected a state below ${this.states}, found ${state}`);
  }

  private grow(): void {
    const size = 2 * this.from.length + 16;
    this.from = int32(this.from, size);
    this.ilabel = int32(this.ilabel, size);
    this.olabel = int32(this.olabel, size);
    this.nextState = int32(this.nextState, size);
    const weight = new Float32Array(size);
    weight.set(this.weight);
    this.weight = weight;
  }

  /**
   * The transducer built so far.
   *
   * @throws FstError `ERR_FST_INVALID` where the start or an arc names a state that was not added, or a label is
   *   negative, or a cost is NaN or -Infinity
   */
  build(): Fst {
    const { states, arcs } = this;
    if (this.start !== -1) this.known(this.start, 'start');
    for (let i = 0; i < arcs; i++) this.check(i);
    const { firstArc, order } = orderArcs(this.from, arcs, states);
    const { semiring, inputSymbols, outputSymbols } = this.options;
    return new Fst({
      start: this.start,
      firstArc,
      final: this.final.slice(0, states),
      ilabel: int32Column(this.ilabel, arcs, order),
      olabel: int32Column(this.olabel, arcs, order),
      weight: float32Column(this.weight, arcs, order),
      nextState: int32Column(this.nextState, arcs, order),
      semiring,
      inputSymbols,
      outputSymbols,
    });
  }

  private check(i: number): void {
    const from = this.from[i]!;
    const to = this.nextState[i]!;
    const weight = this.weight[i]!;
    const il = this.ilabel[i]!;
    const ol = this.olabel[i]!;
    const ok = from >= 0 && from < this.states && to >= 0 && to < this.states && il >= 0 && ol >= 0;
    if (ok && weight > -Infinity) return;
    const arc = `${from} -> ${to} ${il}:${ol}/${weight}`;
    throw new FstError(
      'ERR_FST_INVALID',
      `arc ${i}: expected states below ${this.states}, labels from 0 and a cost, found ${arc}`,
    );
  }
}

const int32 = (from: Int32Array, size: number): Int32Array<ArrayBuffer> => {
  const grown = new Int32Array(size);
  grown.set(from);
  return grown;
};
