import { PairTable } from '@jebena/wfst';
import type { NgramCounts } from './count-ngrams.js';

/** What discounting makes of one order's counts. */
export interface Discount {
  /** Each n-gram's own share of its history's probability, before the order below is mixed in. */
  readonly own: Float64Array;
  /** What each history keeps for the order below, by the history's place (one entry for the first order). */
  readonly kept: Float64Array;
}

/** Sums of some figure over the n-grams of each history. */
function byHistory(counts: readonly NgramCounts[], o: number, figure: (i: number) => number): Float64Array {
  const sums = new Float64Array(o === 0 ? 1 : counts[o - 1]!.word.length);
  const { prefix, word } = counts[o]!;
  for (let i = 0; i < word.length; i++) sums[o === 0 ? 0 : prefix[i]!]! += figure(i);
  return sums;
}

const historyOf = ({ prefix }: NgramCounts, o: number, i: number): number => (o === 0 ? 0 : prefix[i]!);

/**
 * Witten and Bell's method C (I. Witten and T. Bell, "The zero-frequency problem", 1991), interpolated: a history
 * that was followed by T kinds of words, N times in all, keeps T / (N + T).
 */
export function wittenBell(counts: readonly NgramCounts[]): Discount[] {
  return counts.map((of, o) => {
    const total = byHistory(counts, o, (i) => of.count[i]!);
    const kinds = byHistory(counts, o, (i) => (of.count[i]! > 0 ? 1 : 0));
    return {
      own: of.count.map((c, i) => {
        const h = historyOf(of, o, i);
        return c === 0 ? 0 : c / (total[h]! + kinds[h]!);
      }),
      kept: total.map((n, h) => (n === 0 ? 1 : kinds[h]! / (n + kinds[h]!))),
    };
  });
}

/**
 * Modified Kneser-Ney, interpolated (S. Chen and J. Goodman, "An empirical study of smoothing techniques for language
 * modeling", 1998): three discounts an order, from counts of counts; orders below the highest count kinds of words
 * before an n-gram instead of its occurrences, except where it begins a sentence. Where there are too few n-grams for
 * three discounts one is used, and 0.5 where there are too few for that.
 */
export function kneserNey(counts: readonly NgramCounts[]): Discount[] {
  const adjusted = counts.map((of, o) => (o === counts.length - 1 ? of.count : continuations(counts, o)));
  return counts.map((of, o) => {
    const count = adjusted[o]!;
    const discount = discounts(count);
    const off = (c: number): number => (c === 0 ? 0 : discount[Math.min(3, c)]!);
    const total = byHistory(counts, o, (i) => count[i]!);
    const taken = byHistory(counts, o, (i) => off(count[i]!));
    return {
      own: count.map((c, i) => (c === 0 ? 0 : (c - off(c)) / total[historyOf(of, o, i)]!)),
      kept: total.map((n, h) => (n === 0 ? 1 : taken[h]! / n)),
    };
  });
}

/** By how many kinds of words each n-gram is preceded; its occurrences where none can be before it. */
function continuations(counts: readonly NgramCounts[], o: number): Float64Array {
  const { count, word } = counts[o]!;
  const tables = counts.slice(0, o + 1).map(({ prefix, word }) => {
    const table = new PairTable(word.length);
    for (let i = 0; i < word.length; i++) table.add(prefix[i]!, word[i]!);
    return table;
  });
  const suffix = (order: number, i: number): number => {
    if (order === 0) return -1;
    const { prefix, word } = counts[order]!;
    return tables[order - 1]!.find(suffix(order - 1, prefix[i]!), word[i]!);
  };
  const kinds = new Float64Array(word.length);
  for (let i = 0; i < counts[o + 1]!.word.length; i++) kinds[suffix(o + 1, i)]!++;
  return kinds.map((k, i) => (k === 0 ? count[i]! : k));
}

/** What to take off a count of 1, of 2, and of 3 and more. */
function discounts(count: Float64Array): readonly number[] {
  const n = [0, 0, 0, 0, 0];
  for (const c of count) if (c >= 1 && c <= 4) n[c]!++;
  const [, one, two, three, four] = n as [number, number, number, number, number];
  const y = one / (one + 2 * two);
  const three3 = [0, 1 - (2 * y * two) / one, 2 - (3 * y * three) / two, 3 - (4 * y * four) / three];
  if (one > 0 && two > 0 && three > 0 && three3.every((d, k) => d >= 0 && d < Math.max(k, 0.1))) return three3;
  const single = one > 0 && two > 0 ? y : 0.5;
  return [0, single, single, single];
}
