import { PairTable } from '@jebena/wfst';

/** Counts of one order's n-grams: n-gram `i` is n-gram `prefix[i]` of the order below followed by `word[i]`. */
export interface NgramCounts {
  readonly prefix: Int32Array;
  readonly word: Int32Array;
  readonly count: Float64Array;
}

/**
 * Counts n-grams in sentences that are given their begin and end. Of the first order only what a model may predict
 * and `<s>`, which stands first; longer ones begin in `<s>` or later.
 */
export function countNgrams(
  sentences: Iterable<ArrayLike<number>>,
  order: number,
  { bos, eos }: { readonly bos: number; readonly eos: number },
): NgramCounts[] {
  const tables = Array.from({ length: order }, () => new PairTable());
  const counts: number[][] = tables.map(() => []);
  const add = (o: number, prefix: number, word: number): number => {
    const i = tables[o]!.add(prefix, word);
    counts[o]![i] = (counts[o]![i] ?? 0) + 1;
    return i;
  };
  add(0, -1, bos);
  counts[0]![0] = 0;
  for (const sentence of sentences) {
    const words = [bos, ...Array.from(sentence), eos];
    // The n-grams that end in the word before, the longest last.
    let last: number[] = [];
    for (const [at, word] of words.entries()) {
      const here: number[] = [at === 0 ? 0 : add(0, -1, word)];
      for (let o = 1; o < order && o <= at; o++) here.push(add(o, last[o - 1]!, word));
      last = here;
    }
  }
  return tables.map((table, o) => {
    const [prefix, word] = [new Int32Array(table.size), new Int32Array(table.size)];
    for (let i = 0; i < table.size; i++) {
      prefix[i] = table.first(i);
      word[i] = table.second(i);
    }
    return { prefix, word, count: Float64Array.from(counts[o]!) };
  });
}
