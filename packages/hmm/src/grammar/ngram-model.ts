import { PairTable } from '@jebena/wfst';

/** All n-grams of one order: n-gram `i` is `words[i * order]` up to `words[(i + 1) * order]`, oldest word first. */
export interface NgramOrder {
  readonly words: Int32Array;
  /** Natural logarithms of probabilities. */
  readonly logProb: Float32Array;
  /** Natural logarithms of back-off weights; zeros at the highest order. */
  readonly backoff: Float32Array;
}

/** The labels of the words that begin and end sentences. */
export interface SentenceEnds {
  readonly bos: number;
  readonly eos: number;
}

/**
 * A back-off n-gram language model over word labels (S. Katz, 1987): what an ARPA file holds. Every n-gram's prefix
 * is an n-gram of it.
 */
export class NgramModel implements SentenceEnds {
  readonly bos: number;
  readonly eos: number;
  private table: PairTable | undefined;
  private readonly first: number[] = [];

  /**
   * @param orders the unigrams first
   * @param table every n-gram in that order by its prefix's place plus one (0: none) and its last word, where that
   *   is at hand; else it is made when it is needed
   */
  constructor(
    readonly orders: readonly NgramOrder[],
    { bos, eos }: SentenceEnds,
    table?: PairTable,
  ) {
    this.table = table;
    this.bos = bos;
    this.eos = eos;
    let total = 0;
    for (const [o, { logProb }] of orders.entries()) {
      this.first[o] = total;
      total += logProb.length;
    }
  }

  /** The longest n-grams' length. */
  get order(): number {
    return this.orders.length;
  }

  /** How many n-grams there are of each length, and in all. */
  get counts(): number[] {
    return this.orders.map(({ logProb }) => logProb.length);
  }

  private get index(): PairTable {
    if (this.table) return this.table;
    const table = new PairTable(this.counts.reduce((a, b) => a + b, 0));
    for (const [o, { words, logProb }] of this.orders.entries())
      for (let i = 0; i < logProb.length; i++) {
        let prefix = 0;
        for (let k = 0; k < o; k++) prefix = table.find(prefix, words[i * (o + 1) + k]!) + 1;
        table.add(prefix, words[i * (o + 1) + o]!);
      }
    return (this.table = table);
  }

  /** An n-gram's place among all, unigrams first; -1 where the model lacks it. */
  find(words: ArrayLike<number>, from: number = 0, to: number = words.length): number {
    let at = -1;
    for (let k = from; k < to; k++) {
      at = this.index.find(at + 1, words[k]!);
      if (at < 0) return -1;
    }
    return at;
  }

  private read(column: 'logProb' | 'backoff', at: number): number {
    let o = this.orders.length - 1;
    while (this.first[o]! > at) o--;
    return this.orders[o]![column][at - this.first[o]!]!;
  }

  /**
   * The natural logarithm of a word's probability after others; -Infinity for a word that the model lacks.
   *
   * @param history the words before it, oldest first, with `bos` at the front of a sentence; only the last
   *   `order - 1` count
   */
  logProb(word: number, history: ArrayLike<number>): number {
    const words = Array.from(history).slice(-(this.order - 1) || history.length);
    words.push(word);
    let backoff = 0;
    for (let from = 0; from < words.length; from++) {
      const at = this.find(words, from);
      if (at >= 0) return backoff + this.read('logProb', at);
      const before = this.find(words, from, words.length - 1);
      if (before >= 0 && from < words.length - 1) backoff += this.read('backoff', before);
    }
    return -Infinity;
  }

  /** The same for a whole sentence, its end included. */
  sentenceLogProb(words: ArrayLike<number>): number {
    const history = [this.bos];
    let total = 0;
    for (const word of [...Array.from(words), this.eos]) {
      total += this.logProb(word, history);
      history.push(word);
    }
    return total;
  }
}
