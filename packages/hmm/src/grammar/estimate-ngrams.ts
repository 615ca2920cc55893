import { PairTable } from '@jebena/wfst';
import { type NgramCounts, countNgrams } from './count-ngrams.js';
import { GrammarError } from './errors.js';
import { NgramModel, type SentenceEnds } from './ngram-model.js';
import { type Discount, kneserNey, wittenBell } from './smoothing.js';

export interface EstimateOptions extends SentenceEnds {
  /** The longest n-grams' length. Default 3. */
  readonly order?: number | undefined;
  /** How probability is kept for what was not seen. Default `kneser-ney`. */
  readonly smoothing?: 'kneser-ney' | 'witten-bell' | undefined;
  /** Words that the model is to know though no sentence has them. */
  readonly vocabulary?: Iterable<number> | undefined;
}

/** log10 of the probability that files give to `<s>`, which is never predicted. */
const NEVER = -99 * Math.LN10;

/**
 * Estimates a back-off model from sentences of word labels. Interpolated: each order's probability is its own,
 * discounted, plus what is kept times the order below's; the lowest is mixed with an even one over the vocabulary, so
 * every word has some. For each history the probabilities of all words and of the end sum to one.
 *
 * @throws GrammarError `ERR_GRAMMAR_ESTIMATE` where there are no sentences
 */
export function estimateNgrams(sentences: Iterable<ArrayLike<number>>, options: EstimateOptions): NgramModel {
  const { order = 3, smoothing = 'kneser-ney', bos, eos } = options;
  const vocabulary = [...(options.vocabulary ?? [])];
  for (const word of vocabulary) refuseEnds(word, options);
  const counts = countNgrams(checked(sentences, options), order, options);
  if (counts[0]!.count.length < 2)
    throw new GrammarError('ERR_GRAMMAR_ESTIMATE', 'n-gram estimation: expected sentences, found none');
  counts[0] = withUnseen(counts[0]!, vocabulary);
  const discounted = (smoothing === 'kneser-ney' ? kneserNey : wittenBell)(counts);
  return interpolate(counts, discounted, { bos, eos });
}

function* checked(sentences: Iterable<ArrayLike<number>>, ends: SentenceEnds): Generator<ArrayLike<number>> {
  for (const sentence of sentences) {
    for (let i = 0; i < sentence.length; i++) refuseEnds(sentence[i]!, ends);
    yield sentence;
  }
}

/** Sentences are given without `<s>` and `</s>`. */
function refuseEnds(word: number, { bos, eos }: SentenceEnds): void {
  if (word === bos || word === eos || !(word > 0))
    throw new GrammarError('ERR_GRAMMAR_ESTIMATE', `n-gram estimation: expected words, found label ${word}`);
}

/** Adds words that were not seen, with counts of 0. */
function withUnseen({ prefix, word, count }: NgramCounts, vocabulary: Iterable<number>): NgramCounts {
  const seen = new Set(word);
  const missing = [...new Set(vocabulary)].filter((w) => !seen.has(w));
  return {
    prefix: Int32Array.from([...prefix, ...missing.map(() => -1)]),
    word: Int32Array.from([...word, ...missing]),
    count: Float64Array.from([...count, ...missing.map(() => 0)]),
  };
}

function interpolate(counts: readonly NgramCounts[], discounts: readonly Discount[], ends: SentenceEnds): NgramModel {
  const tables = counts.map(({ prefix, word }) => {
    const table = new PairTable(word.length);
    for (let i = 0; i < word.length; i++) table.add(prefix[i]!, word[i]!);
    return table;
  });
  const even = 1 / (counts[0]!.word.length - 1);
  const probability: Float64Array[] = [];
  /** The place of each n-gram's words but the first in the order below. */
  const suffixes: Int32Array[] = [new Int32Array(counts[0]!.word.length).fill(-1)];
  for (const [o, { prefix, word }] of counts.entries()) {
    const { own, kept } = discounts[o]!;
    if (o > 0) suffixes[o] = word.map((w, i) => tables[o - 1]!.find(o === 1 ? -1 : suffixes[o - 1]![prefix[i]!]!, w));
    probability[o] = own.map((p, i) => {
      if (o === 0) return word[i] === ends.bos ? 0 : p + kept[0]! * even;
      return p + kept[prefix[i]!]! * probability[o - 1]![suffixes[o]![i]!]!;
    });
  }
  const orders = counts.map(({ word }, o) => ({
    words: wordsOf(counts, o),
    logProb: Float32Array.from(word, (w, i) => (w === ends.bos ? NEVER : Math.log(probability[o]![i]!))),
    // What a history keeps, where any n-gram begins with it; elsewhere all of it.
    backoff: Float32Array.from(word, (_, i) => Math.log(discounts[o + 1]?.kept[i] ?? 1)),
  }));
  return new NgramModel(orders, ends);
}

function wordsOf(counts: readonly NgramCounts[], o: number): Int32Array {
  const words = new Int32Array(counts[o]!.word.length * (o + 1));
  for (let i = 0; i < counts[o]!.word.length; i++)
    for (let at = i, k = o; k >= 0; k--) {
      words[i * (o + 1) + k] = counts[k]!.word[at]!;
      at = counts[k]!.prefix[at]!;
    }
  return words;
}
