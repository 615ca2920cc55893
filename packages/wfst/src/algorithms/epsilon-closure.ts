import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';
import { plusOf } from './log-add.js';
import type { StringTable } from './string-table.js';

/**
 * The states that a weighted subset reaches on input epsilons alone, each with its cost and the output gathered on
 * the way. One object is used for many subsets; its columns hold the last closure.
 */
export class EpsilonClosure {
  size = 0;
  states = new Int32Array(256);
  strings = new Int32Array(256);
  weights = new Float64Array(256);
  /** Cost that arrived since the state was last expanded. */
  private pending = new Float64Array(256);
  private readonly index: Int32Array;
  private readonly hasEpsilons: Uint8Array;
  private readonly queued: Uint8Array;
  private readonly queue: number[] = [];
  private readonly plus: (a: number, b: number) => number;

  constructor(
    private readonly fst: Fst,
    private readonly table: StringTable,
    private readonly semiring: 'tropical' | 'log',
    private readonly delta: number,
  ) {
    this.index = new Int32Array(fst.numStates).fill(-1);
    this.queued = new Uint8Array(fst.numStates);
    this.hasEpsilons = new Uint8Array(fst.numStates);
    this.plus = plusOf(semiring);
    for (let s = 0; s < fst.numStates; s++)
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) if (fst.ilabel[a] === 0) this.hasEpsilons[s] = 1;
  }

  clear(): void {
    for (let i = 0; i < this.size; i++) this.index[this.states[i]!] = -1;
    this.size = 0;
  }

  /**
   * Adds an element, or adds to one.
   *
   * @throws FstError `ERR_FST_NOT_FUNCTIONAL` where the state was reached with another output
   */
  add(state: number, string: number, weight: number): void {
    let i = this.index[state]!;
    if (i < 0) {
      i = this.index[state] = this.size++;
      if (i === this.states.length) this.grow();
      this.states[i] = state;
      this.strings[i] = string;
      this.weights[i] = this.pending[i] = weight;
    } else {
      if (this.strings[i] !== string) throw notFunctional(this.table, state, this.strings[i]!, string);
      const sum = this.plus(this.weights[i]!, weight);
      this.pending[i] = this.plus(this.pending[i]!, weight);
      const change = this.weights[i]! - sum;
      this.weights[i] = sum;
      // What changes next to nothing waits for what changes more.
      if (change <= this.delta) return;
    }
    if (this.hasEpsilons[state] && !this.queued[state]) {
      this.queued[state] = 1;
      this.queue.push(state);
    }
  }

  /** Follows epsilons until nothing changes. */
  expand(): void {
    const { fst, queue } = this;
    let steps = 0;
    const most = 100_000 + 1000 * this.size + 10 * fst.numStates;
    for (let n = 0; n < queue.length; n++) {
      const s = queue[n]!;
      const i = this.index[s]!;
      const cost = this.semiring === 'log' ? this.pending[i]! : this.weights[i]!;
      const string = this.strings[i]!;
      this.pending[i] = Infinity;
      this.queued[s] = 0;
      if (++steps > most)
        throw new FstError('ERR_FST_NEGATIVE_CYCLE', `a cycle of epsilons through state ${s} has no least cost`);
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
        if (fst.ilabel[a] !== 0) continue;
        const out = fst.olabel[a]!;
        this.add(fst.nextState[a]!, out === 0 ? string : this.table.append(string, out), cost + fst.weight[a]!);
      }
    }
    queue.length = 0;
  }

  /** Follows nothing: the elements are their own closure. */
  stay(): void {
    for (const s of this.queue) this.queued[s] = 0;
    this.queue.length = 0;
  }

  private grow(): void {
    const size = 2 * this.states.length;
    const copy = <T extends Int32Array | Float64Array>(from: T, to: T): T => (to.set(from), to);
    this.states = copy(this.states, new Int32Array(size));
    this.strings = copy(this.strings, new Int32Array(size));
    this.weights = copy(this.weights, new Float64Array(size));
    this.pending = copy(this.pending, new Float64Array(size));
  }
}

export function notFunctional(table: StringTable, state: number, a: number, b: number): FstError {
  const show = (string: number): string => `[${table.labels(string).join(' ')}]`;
  return new FstError(
    'ERR_FST_NOT_FUNCTIONAL',
    `cannot determinize: one input leads to state ${state} with outputs ${show(a)} and ${show(b)}`,
  );
}
