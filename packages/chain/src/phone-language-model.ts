import { connect, type Fst, FstBuilder } from '@jebena/wfst';
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
interface History {
  /** How many histories were met before. */
  readonly index: number;
  readonly phones: readonly number[];
  /** By phone; 0 is the end. Empty once the state has been merged with the one behind it. */
  counts: Map<number, number>;
  total: number;
  /** The history that is one phone shorter, where this one may be merged with it. */
  readonly shorter: History | undefined;
  /** Longer histories that are still in use. */
  longer: number;
}

/**
 * Estimates a language model of phones for the denominator: relative frequencies without smoothing, histories
 * merged with shorter ones where that costs the least likelihood. A history of its own has no way to back off, so
 * the graph stays small (chain/language-model.cc).
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
  private readonly histories = new Map<string, History>();

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
      const { counts } = this.count(this.historyOf(history));
      counts.set(phone, (counts.get(phone) ?? 0) + 1);
      history = this.next(history, phone);
    }
  }

  private count(history: History): History {
    if (history.total++ === 0 && history.shorter) history.shorter.longer++;
    return history;
  }

  private next(history: readonly number[], phone: number): readonly number[] {
    return [...history, phone].slice(-(this.order - 1));
  }

  private historyOf(phones: readonly number[]): History {
    const key = phones.join(' ');
    let history = this.histories.get(key);
    if (!history) {
      const shorter = phones.length >= this.noPruneOrder ? this.historyOf(phones.slice(1)) : undefined;
      history = { index: this.histories.size, phones, counts: new Map(), total: 0, shorter, longer: 0 };
      this.histories.set(key, history);
    }
    return history;
  }

  /**
   * The model as a deterministic acceptor.
   *
   * @throws ChainError `ERR_CHAIN_LANGUAGE_MODEL` where nothing was counted
   */
  estimate(): Fst {
    if (this.histories.size === 0)
      throw new ChainError('ERR_CHAIN_LANGUAGE_MODEL', 'phone language model: expected phone sequences, found none');
    this.merge();
    const states = [...this.histories.values()].filter((h) => h.total > 0);
    const number = new Map(states.map((h, i) => [h, i]));
    const b = new FstBuilder({ states: states.length });
    b.ensureStates(states.length);
    b.setStart(number.get(this.inUse([0]))!);
    states.forEach(({ phones, counts, total }, i) => {
      for (const [phone, count] of [...counts].sort(([p], [q]) => p - q)) {
        const cost = -Math.log(count / total);
        if (phone === 0) b.setFinal(i, cost);
        else b.addArc(i, phone, phone, cost, number.get(this.inUse(this.next(phones, phone)))!);
      }
    });
    return connect(b.build());
  }

  /** The longest history in use that these phones end with. */
  private inUse(phones: readonly number[]): History {
    for (let from = 0; from < phones.length; from++) {
      const found = this.histories.get(phones.slice(from).join(' '));
      if (found && found.total > 0) return found;
    }
    const text = phones.join(' ');
    throw new ChainError(
      'ERR_CHAIN_LANGUAGE_MODEL',
      `phone language model: expected a state for '${text}', found none`,
    );
  }

  /** Merges histories until few enough are left, always the one that costs least. */
  private merge(): void {
    const all = [...this.histories.values()];
    // The start of an utterance is not counted.
    const basic = all.filter((h) => !h.shorter).length - 1;
    let active = all.filter((h) => h.total > 0).length;
    const mayMerge = (h: History): boolean => h.shorter !== undefined && h.total > 0 && h.longer === 0;
    const queue = new Map(all.filter(mayMerge).map((h) => [h, costOf(h)]));
    while (active > basic + this.extra && queue.size > 0) {
      let best: History | undefined;
      let least = Infinity;
      // Of several that cost the same (often nothing), the one met last.
      for (const [h, cost] of queue)
        if (!best || cost < least || (cost === least && h.index > best.index)) [best, least] = [h, cost];
      const { shorter } = best!;
      queue.delete(best!);
      if (shorter!.total === 0) active++;
      active--;
      this.mergeOne(best!, shorter!);
      // Others that would be merged with the same history now cost something else.
      for (const h of queue.keys()) if (h.shorter === shorter) queue.set(h, costOf(h));
      if (mayMerge(shorter!)) queue.set(shorter!, costOf(shorter!));
    }
  }

  private mergeOne(history: History, into: History): void {
    if (into.total === 0 && into.shorter) into.shorter.longer++;
    for (const [phone, count] of history.counts) into.counts.set(phone, (into.counts.get(phone) ?? 0) + count);
    into.total += history.total;
    into.longer--;
    history.counts = new Map();
    history.total = 0;
  }
}

/** Log-likelihood that is lost when a history is merged with the shorter one. */
function costOf({ counts, total, shorter }: History): number {
  const other = shorter!;
  if (other.total === 0) return 0;
  const sum = new Map(other.counts);
  for (const [phone, count] of counts) sum.set(phone, (sum.get(phone) ?? 0) + count);
  return logLike(counts, total) + logLike(other.counts, other.total) - logLike(sum, total + other.total);
}

function logLike(counts: ReadonlyMap<number, number>, total: number): number {
  let sum = 0;
  for (const count of counts.values()) sum += count * Math.log(count / total);
  return sum;
}
