import { FstError } from '../errors.js';
import type { Fst, Semiring } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';
import { DivergenceGuard } from './divergence-guard.js';
import { EpsilonClosure, notFunctional } from './epsilon-closure.js';
import { plusOf } from './log-add.js';
import { EMPTY, StringTable } from './string-table.js';
import { SubsetTable } from './subset-table.js';

export interface DeterminizeOptions {
  /** The semiring in which paths of one input are summed; the transducer's own unless given. */
  readonly semiring?: Semiring | undefined;
  /** Costs closer than this are taken as equal; 1/1024 unless given. */
  readonly delta?: number | undefined;
  /** Give up beyond this many states; no bound unless given. */
  readonly maxStates?: number | undefined;
}

/**
 * Determinizes on the input side and removes input epsilons in the same go: Kaldi's DeterminizeStar
 * (fstext/determinize-star-inl.h). No state of the result has two arcs with the same input label; output that is
 * more than one label long goes out on further arcs with input epsilon.
 *
 * @throws FstError `ERR_FST_NOT_FUNCTIONAL` where one input has two outputs, `ERR_FST_NOT_DETERMINIZABLE` where
 *   residual output or cost grows without end or `maxStates` is passed, `ERR_FST_NEGATIVE_CYCLE`
 */
export const determinizeStar = (fst: Fst, options: DeterminizeOptions = {}): Fst =>
  new Determinizer(fst, options, true).run();

/**
 * Determinizes on the input side with epsilon as a label like any other, as OpenFst's Determinize does. Acceptors
 * and functional transducers.
 *
 * @throws FstError as {@link determinizeStar}
 */
export const determinize = (fst: Fst, options: DeterminizeOptions = {}): Fst =>
  new Determinizer(fst, options, false).run();

class Determinizer {
  private readonly strings = new StringTable();
  private readonly subsets: SubsetTable;
  private readonly closure: EpsilonClosure;
  private readonly guard: DivergenceGuard;
  private readonly out: FstBuilder;
  private readonly plus: (a: number, b: number) => number;
  private readonly maxStates: number;
  /** The builder's state of each subset: intermediate states for long outputs come between. */
  private outState = new Int32Array(1024);
  private known = 0;
  private readonly waiting: number[] = [];
  // The arcs that leave a subset, and their order by label, then state.
  private label = new Int32Array(1024);
  private state = new Int32Array(1024);
  private string = new Int32Array(1024);
  private weight = new Float64Array(1024);
  private order = new Int32Array(1024);

  constructor(
    private readonly fst: Fst,
    options: DeterminizeOptions,
    private readonly star: boolean,
  ) {
    const { semiring = fst.semiring, delta = 1 / 1024, maxStates = Infinity } = options;
    this.subsets = new SubsetTable(delta);
    this.closure = new EpsilonClosure(fst, this.strings, semiring, delta);
    this.guard = new DivergenceGuard(this.strings, delta);
    this.plus = plusOf(semiring);
    this.maxStates = maxStates;
    const { inputSymbols, outputSymbols } = fst;
    this.out = new FstBuilder({ semiring: fst.semiring, inputSymbols, outputSymbols });
  }

  run(): Fst {
    const { fst, subsets, waiting, out } = this;
    if (fst.start < 0) return out.build();
    const at = subsets.stage(1);
    subsets.states[at] = fst.start;
    subsets.strings[at] = EMPTY;
    subsets.weights[at] = 0;
    out.setStart(this.stateOf(subsets.add(1)));
    // Last in, first out: where there is no end, residuals soon show it by growing.
    while (waiting.length > 0) this.process(waiting.pop()!);
    return out.build();
  }

  /** The output state of a subset, which waits to be processed where it is new. */
  private stateOf(subset: number): number {
    if (subset >= this.outState.length) {
      const grown = new Int32Array(2 * this.outState.length);
      grown.set(this.outState);
      this.outState = grown;
    }
    if (subset === this.known) {
      this.known++;
      this.guard.check(this.subsets, subset);
      this.outState[subset] = this.out.addState();
      if (this.out.numStates > this.maxStates)
        throw new FstError('ERR_FST_NOT_DETERMINIZABLE', `cannot determinize: more than ${this.maxStates} states`);
      this.waiting.push(subset);
    }
    return this.outState[subset]!;
  }

  private process(subset: number): void {
    const { closure, subsets } = this;
    closure.clear();
    for (let i = subsets.first[subset]!; i < subsets.first[subset + 1]!; i++)
      closure.add(subsets.states[i]!, subsets.strings[i]!, subsets.weights[i]!);
    if (this.star) closure.expand();
    else closure.stay();
    const from = this.outState[subset]!;
    this.finish(from);
    this.leave(from);
  }

  private finish(from: number): void {
    const { closure, fst } = this;
    let string = -1;
    let weight = Infinity;
    for (let i = 0; i < closure.size; i++) {
      const final = fst.final[closure.states[i]!]!;
      if (final === Infinity) continue;
      const found = closure.strings[i]!;
      if (string >= 0 && found !== string) throw notFunctional(this.strings, closure.states[i]!, string, found);
      string = found;
      weight = this.plus(weight, closure.weights[i]! + final);
    }
    if (string < 0) return;
    let s = from;
    for (const label of this.strings.labels(string)) {
      const next = this.out.addState();
      this.out.addArc(s, 0, label, s === from ? weight : 0, next);
      s = next;
    }
    this.out.setFinal(s, s === from ? weight : 0);
  }

  private leave(from: number): void {
    const count = this.gather();
    const { label, order } = this;
    for (let i = 0; i < count;) {
      let end = i + 1;
      while (end < count && label[order[end]!] === label[order[i]!]) end++;
      this.transition(from, i, end);
      i = end;
    }
  }

  /** Lists the labelled arcs of the closure by label, then state. */
  private gather(): number {
    const { fst, closure, strings, star } = this;
    let count = 0;
    let sorted = true;
    for (let i = 0; i < closure.size; i++) {
      const s = closure.states[i]!;
      const string = closure.strings[i]!;
      const weight = closure.weights[i]!;
      const to = fst.firstArc[s + 1]!;
      this.reserve(count + to - fst.firstArc[s]!);
      const { label, state } = this;
      for (let a = fst.firstArc[s]!; a < to; a++) {
        const il = fst.ilabel[a]!;
        if (star && il === 0) continue;
        const out = fst.olabel[a]!;
        label[count] = il;
        state[count] = fst.nextState[a]!;
        this.string[count] = out === 0 ? string : strings.append(string, out);
        this.weight[count] = weight + fst.weight[a]!;
        this.order[count] = count;
        if (count > 0 && (label[count - 1]! > il || (label[count - 1] === il && state[count - 1]! > state[count]!)))
          sorted = false;
        count++;
      }
    }
    const { label, state } = this;
    if (!sorted) this.order.subarray(0, count).sort((a, b) => label[a]! - label[b]! || state[a]! - state[b]! || a - b);
    return count;
  }

  private reserve(count: number): void {
    if (count <= this.label.length) return;
    const size = 2 * count;
    const copy = <T extends Int32Array | Float64Array>(from: T, to: T): T => (to.set(from), to);
    this.label = copy(this.label, new Int32Array(size));
    this.state = copy(this.state, new Int32Array(size));
    this.string = copy(this.string, new Int32Array(size));
    this.weight = copy(this.weight, new Float64Array(size));
    this.order = copy(this.order, new Int32Array(size));
  }

  /** Makes one arc of all that carry the same label: what they share goes on the arc, the rest into the subset. */
  private transition(from: number, begin: number, end: number): void {
    const { subsets, strings, order, state, string, weight } = this;
    let at = subsets.stage(end - begin);
    const first = at;
    let prefix = string[order[begin]!]!;
    let total = Infinity;
    for (let i = begin; i < end; i++) {
      const n = order[i]!;
      total = this.plus(total, weight[n]!);
      prefix = strings.commonPrefix(prefix, string[n]!);
    }
    // A label whose every arc has infinite cost leads nowhere.
    if (total === Infinity) return;
    const shared = strings.length(prefix);
    for (let i = begin; i < end; i++) {
      const n = order[i]!;
      const rest = strings.dropFirst(string[n]!, shared);
      if (at > first && subsets.states[at - 1] === state[n]) {
        if (subsets.strings[at - 1] !== rest) throw notFunctional(strings, state[n]!, subsets.strings[at - 1]!, rest);
        subsets.weights[at - 1] = this.plus(subsets.weights[at - 1]!, weight[n]! - total);
        continue;
      }
      subsets.states[at] = state[n]!;
      subsets.strings[at] = rest;
      subsets.weights[at++] = weight[n]! - total;
    }
    const next = this.stateOf(subsets.add(at - first));
    this.emit(from, this.label[order[begin]!]!, prefix, total, next);
  }

  private emit(from: number, ilabel: number, prefix: number, weight: number, next: number): void {
    const labels = this.strings.labels(prefix);
    const last = Math.max(0, labels.length - 1);
    let s = from;
    for (let i = 0; i <= last; i++) {
      const to = i === last ? next : this.out.addState();
      this.out.addArc(s, i === 0 ? ilabel : 0, labels[i] ?? 0, i === 0 ? weight : 0, to);
      s = to;
    }
  }
}
