import { connect, type Fst, FstBuilder } from '@jebena/wfst';
import { BackoffQueue } from './backoff-queue.js';
import { ChainError } from './errors.js';

export interface PhoneLanguageModelOptions {
  /** Longest n-grams. Default 4. */
  readonly ngramOrder?: number;
  /** N-grams up to this order are all kept. Default 3. */
  readonly noPruneNgramOrder?: number;
  /** States kept besides those: the ones that make the phones likelier by most. Default 1000. */
  readonly numExtraLmStates?: number;
}

/** What followed a history of phones, and how often. */
interface State {
  readonly phones: readonly number[];
  /** By phone; 0 is the end. Empty once the state has been merged with the one behind it. */
  counts: Map<number, number>;
  total: number;
  /** With the counts of all longer histories that may be merged into this one. */
  totalWithLonger: number;
  /** The state of the history that is one phone shorter, where this one may be merged with it; -1 where not. */
  readonly shorter: number;
  mayMerge: boolean;
}

/**
 * Estimates a language model of phones for the denominator: relative frequencies without smoothing, histories
 * merged with shorter ones where that costs the least likelihood. A history of its own has no way to back off, so
 * the graph stays small (chain/language-model.cc, whose states these are, one for one).
 *
 * @example
 * ```ts
 * const estimator = new PhoneLanguageModel({ numExtraLmStates: 2000 });
 * for (const phones of transcripts) estimator.add(phones);
 * const fst = estimator.estimate();
 * ```
 */
export class PhoneLanguageModel {
  private readonly order: number;
  private readonly noPruneOrder: number;
  private readonly extra: number;
  private readonly states: State[] = [];
  private readonly numbers = new Map<string, number>();
  /** States that have counts. */
  private active = 0;

  constructor({ ngramOrder = 4, noPruneNgramOrder = 3, numExtraLmStates = 1000 }: PhoneLanguageModelOptions = {}) {
    if (ngramOrder < 2 || noPruneNgramOrder < 2 || noPruneNgramOrder > ngramOrder)
      throw new RangeError(
        `phone language model: expected orders 2 <= no-prune-ngram-order <= ngram-order, found ${noPruneNgramOrder} and ${ngramOrder}`,
      );
    this.order = ngramOrder;
    this.noPruneOrder = noPruneNgramOrder;
    this.extra = numExtraLmStates;
  }

  /** Counts one utterance. Phones are above 0. */
  add(phones: ArrayLike<number>): void {
    let history: readonly number[] = [0];
    for (let i = 0; i <= phones.length; i++) {
      const phone = i < phones.length ? phones[i]! : 0;
      if (i < phones.length && !(phone > 0))
        throw new ChainError(
          'ERR_CHAIN_LANGUAGE_MODEL',
          `phone language model: expected phones above 0, found ${phone}`,
        );
      const state = this.states[this.stateFor(history)]!;
      if (state.total === 0) this.active++;
      count(state, phone, 1);
      history = [...history, phone].slice(-(this.order - 1));
    }
  }

  private stateFor(phones: readonly number[]): number {
    const key = phones.join(' ');
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    // Numbered before the shorter one that it may bring with it.
    const number = this.states.length;
    this.numbers.set(key, number);
    this.states.push(undefined as never);
    const shorter = phones.length >= this.noPruneOrder ? this.stateFor(phones.slice(1)) : -1;
    this.states[number] = { phones, counts: new Map(), total: 0, totalWithLonger: 0, shorter, mayMerge: false };
    return number;
  }

  /**
   * The model as a deterministic acceptor; nothing more can be counted afterwards.
   *
   * @throws ChainError `ERR_CHAIN_LANGUAGE_MODEL` where nothing was counted
   */
  estimate(): Fst {
    if (this.states.length === 0)
      throw new ChainError('ERR_CHAIN_LANGUAGE_MODEL', 'phone language model: expected phone sequences, found none');
    for (const { total, ...state } of this.states)
      for (let l = this.numbers.get(state.phones.join(' '))!; l !== -1; l = this.states[l]!.shorter)
        this.states[l]!.totalWithLonger += total;
    this.merge();
    const kept = this.states.flatMap((state, l) => (state.total > 0 ? [l] : []));
    const place = new Map(kept.map((l, i) => [l, i]));
    const b = new FstBuilder({ states: kept.length });
    b.ensureStates(kept.length);
    b.setStart(place.get(this.inUse([0]))!);
    kept.forEach((l, i) => {
      const { phones, counts, total } = this.states[l]!;
      for (const [phone, times] of ascending(counts)) {
        const cost = -Math.log(times / total);
        if (phone === 0) b.setFinal(i, cost);
        else b.addArc(i, phone, phone, cost, place.get(this.inUse([...phones, phone]))!);
      }
    });
    return connect(b.build());
  }

  /** The state in use of the longest history that these phones end with. */
  private inUse(phones: readonly number[]): number {
    for (let from = 0; from < phones.length; from++) {
      const found = this.numbers.get(phones.slice(from).join(' '));
      if (found !== undefined && this.states[found]!.total > 0) return found;
    }
    const text = phones.join(' ');
    throw new ChainError(
      'ERR_CHAIN_LANGUAGE_MODEL',
      `phone language model: expected a state for '${text}', found none`,
    );
  }

  /** Merges histories until few enough are left, the one that costs least first, as far as the queue knows. */
  private merge(): void {
    const basic = this.states.filter(({ phones }) => phones.length === this.noPruneOrder - 1).length;
    const target = basic + this.extra;
    const before = this.active;
    // The queue holds costs that may have changed since; it is filled anew on the way to be nearer the truth.
    for (let stage = 1; stage <= 4; stage++) {
      const stageTarget = before + Math.trunc(((target - before) * stage) / 4);
      const queue = new BackoffQueue();
      this.states.forEach((state, l) => {
        state.mayMerge = this.mayMerge(state);
        if (state.mayMerge) queue.push(this.changeOf(state), l);
      });
      while (this.active > stageTarget && queue.size > 0) {
        const { change, state } = queue.pop();
        const now = this.changeOf(this.states[state]!);
        if (Math.abs(change - now) <= 0.001 * (Math.abs(change) + Math.abs(now))) this.mergeOne(state, queue);
        else queue.push(now, state);
      }
    }
  }

  private mergeOne(number: number, queue: BackoffQueue): void {
    const state = this.states[number]!;
    const into = this.states[state.shorter]!;
    const could = into.mayMerge;
    if (into.total !== 0) this.active--;
    for (const [phone, times] of ascending(state.counts)) count(into, phone, times);
    state.counts = new Map();
    state.total = state.totalWithLonger = 0;
    state.mayMerge = false;
    into.mayMerge = this.mayMerge(into);
    if (!could && into.mayMerge) queue.push(this.changeOf(into), state.shorter);
  }

  /** Not while a longer history is in use, nor where one that follows needs all of this one. */
  private mayMerge({ phones, counts, total, totalWithLonger }: State): boolean {
    if (phones.length < this.noPruneOrder || total !== totalWithLonger || total === 0) return false;
    if (phones.length === this.order - 1) return true;
    for (const phone of counts.keys()) {
      const next = phone === 0 ? undefined : this.numbers.get([...phones, phone].join(' '));
      if (next !== undefined && this.states[next]!.totalWithLonger !== 0) return false;
    }
    return true;
  }

  /** How the log-likelihood changes, 0 or less, when a state is merged with the shorter one. */
  private changeOf(state: State): number {
    const into = this.states[state.shorter]!;
    // Into a state that was not in use nothing is lost: the rarest go first.
    if (into.total === 0) return Math.fround(-1e-15 * state.total);
    const sum = { counts: new Map(into.counts), total: into.total };
    for (const [phone, times] of state.counts) count(sum, phone, times);
    // In single precision, as in Kaldi: which of two that are nearly alike goes first hangs on it.
    return Math.min(0, Math.fround(Math.fround(logLike(sum) - logLike(state)) - logLike(into)));
  }
}

type Counted = Pick<State, 'counts' | 'total'>;

function count(state: Counted, phone: number, times: number): void {
  state.counts.set(phone, (state.counts.get(phone) ?? 0) + times);
  state.total += times;
}

const ascending = (counts: ReadonlyMap<number, number>): [number, number][] => [...counts].sort(([a], [b]) => a - b);

function logLike({ counts, total }: Counted): number {
  let sum = 0;
  for (const [, times] of ascending(counts)) sum += Math.log(times / total) * times;
  return Math.fround(sum);
}
