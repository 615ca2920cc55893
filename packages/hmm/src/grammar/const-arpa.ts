import { KaldiInput, KaldiOutput, type Place } from '@jebena/io-ark';
import { GrammarError } from './errors.js';
import type { NgramModel, SentenceEnds } from './ngram-model.js';

/** Relative addresses beyond this go to a table of their own. */
const FARTHEST = 2 ** 30 - 1;

/**
 * Kaldi's ConstArpaLm (lm/const-arpa-lm.h): a back-off model in one array of 32-bit words, for rescoring with a large
 * model in little memory (8 bytes an n-gram of the highest order). Each history is `log-probability, back-off weight,
 * number of children`, then pairs of a word and where the history that it extends to stands, relative to this one; a
 * child that leads nowhere is its log-probability (with the lowest bit cleared) in place of the address. Children are
 * sorted by word and found by halving.
 */
export class ConstArpa implements SentenceEnds {
  private readonly floats: Float32Array;

  constructor(
    readonly bos: number,
    readonly eos: number,
    /** The label that stands for words that the model lacks; -1 for none. */
    readonly unk: number,
    readonly order: number,
    private readonly states: Int32Array,
    /** For each word where its history stands, plus one; 0 where it has none. */
    private readonly unigrams: Float64Array,
    private readonly overflow: Float64Array,
  ) {
    this.floats = new Float32Array(states.buffer, states.byteOffset, states.length);
  }

  /** Whether the model knows a history of these words that something follows. */
  hasHistory(words: ArrayLike<number>): boolean {
    if (words.length === 0) return true;
    const at = this.history(words, 0, words.length);
    return at >= 0 && this.states[at + 2]! > 0;
  }

  /** The natural logarithm of a word's probability after others, oldest first; -Infinity for an unknown word. */
  logProb(word: number, history: ArrayLike<number>): number {
    const words = Array.from(history).slice(Math.max(0, history.length - this.order + 1));
    words.push(word);
    if (this.unk !== -1) for (const [i, w] of words.entries()) if (!this.unigrams[w]) words[i] = this.unk;
    const last = words.length - 1;
    let backoff = 0;
    for (let from = 0; from < last; from++) {
      const at = this.history(words, from, last);
      if (at < 0) continue;
      const child = this.child(at, words[last]!);
      if (child >= 0) return backoff + this.childLogProb(at, child);
      backoff += this.floats[at + 1]!;
    }
    const at = (this.unigrams[words[last]!] ?? 0) - 1;
    return at < 0 ? -Infinity : backoff + this.floats[at]!;
  }

  /** Where a history stands among the states; -1 where there is none. */
  private history(words: ArrayLike<number>, from: number, to: number): number {
    let at = (this.unigrams[words[from]!] ?? 0) - 1;
    for (let k = from + 1; k < to && at >= 0; k++) {
      const child = this.child(at, words[k]!);
      at = child < 0 ? -1 : this.childState(at, child);
    }
    return at;
  }

  /** Where a word stands among a history's children; -1 where it does not. */
  private child(at: number, word: number): number {
    const { states } = this;
    let low = 0;
    let high = states[at + 2]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (states[at + 3 + 2 * middle]! < word) low = middle + 1;
      else high = middle;
    }
    return low < states[at + 2]! && states[at + 3 + 2 * low] === word ? at + 3 + 2 * low : -1;
  }

  private childState(at: number, child: number): number {
    const info = this.states[child + 1]!;
    if ((info & 1) === 0) return -1;
    return info > 0 ? at + (info - 1) / 2 : this.overflow[(-info - 1) / 2]! - 1;
  }

  private childLogProb(at: number, child: number): number {
    const state = this.childState(at, child);
    return this.floats[state < 0 ? child + 1 : state]!;
  }

  /** The bytes of Kaldi's file. */
  bytes(): Uint8Array {
    const output = new KaldiOutput({ binary: true });
    const section = (name: string, write: () => void): void => {
      output.writeToken(`<${name}>`);
      write();
      output.writeToken(`</${name}>`);
    };
    const addresses = (of: Float64Array): void => {
      output.writeInt32(of.length);
      output.writeBytes(new Uint8Array(BigInt64Array.from(of, BigInt).buffer));
    };
    section('ConstArpaLm', () => {
      section('LmInfo', () => [this.bos, this.eos, this.unk, this.order].forEach((n) => output.writeInt32(n)));
      section('LmStates', () => {
        output.writeInt64(BigInt(this.states.length));
        output.writeBytes(new Uint8Array(this.states.buffer, this.states.byteOffset, this.states.byteLength));
      });
      section('LmUnigram', () => addresses(this.unigrams));
      section('LmOverflow', () => addresses(this.overflow));
    });
    return output.bytes();
  }

  /** Reads Kaldi's file. @throws KaldiIoError with the byte offset */
  static read(bytes: Uint8Array, place: Place = {}): ConstArpa {
    const input = new KaldiInput(bytes, place);
    if (!input.binary) input.fail('a binary file (\\0B)');
    const raw = (count: number, size: number, what: string): ArrayBuffer => {
      if (!(count >= 0)) input.fail(`the number of ${what}`, String(count));
      const start = input.take(size * count, what);
      return new Uint8Array(input.bytes.subarray(start, start + size * count)).buffer;
    };
    const addresses = (most: number, what: string): Float64Array => {
      const at = input.offset;
      const values = Float64Array.from(new BigInt64Array(raw(input.readInt32(), 8, what)), Number);
      if (values.some((v) => !(v >= 0 && v <= most))) input.fail(`${what} up to ${most}`, 'one outside', at);
      return values;
    };
    input.expectToken('<ConstArpaLm>');
    input.expectToken('<LmInfo>');
    const [bos, eos, unk, order] = [input.readInt32(), input.readInt32(), input.readInt32(), input.readInt32()];
    input.expectToken('</LmInfo>');
    input.expectToken('<LmStates>');
    const states = new Int32Array(raw(Number(input.readInt64()), 4, 'states'));
    input.expectToken('</LmStates>');
    input.expectToken('<LmUnigram>');
    const unigrams = addresses(Math.max(0, states.length - 2), 'addresses');
    input.expectToken('</LmUnigram>');
    input.expectToken('<LmOverflow>');
    const overflow = addresses(states.length, 'addresses');
    input.expectToken('</LmOverflow>');
    input.expectToken('</ConstArpaLm>');
    return new ConstArpa(bos, eos, unk, order, states, unigrams, overflow);
  }

  /**
   * Packs a model.
   *
   * @param unk the label that stands for unknown words, -1 for none
   * @param farthest greatest relative address; smaller only in tests
   * @throws GrammarError `ERR_GRAMMAR_ARPA` where `unk` is no word of the model
   */
  static of(model: NgramModel, unk: number = -1, farthest: number = FARTHEST): ConstArpa {
    if (unk !== -1 && model.find([unk]) < 0)
      throw new GrammarError('ERR_GRAMMAR_ARPA', `const-arpa: the unknown word's label ${unk} is not in the model`);
    return new Packer(model, unk, farthest).pack();
  }
}

/** Lays histories out depth first in the order of their words, so that a child stands close behind its parent. */
class Packer {
  /** The n-grams of all orders, each list of children sorted by word. */
  private readonly firstChild: Int32Array;
  private readonly children: Int32Array;
  private readonly words: Int32Array;
  private readonly logProb: Float32Array;
  private readonly backoff: Float32Array;
  private readonly highest: number;

  constructor(
    private readonly model: NgramModel,
    private readonly unk: number,
    private readonly farthest: number,
  ) {
    const total = model.counts.reduce((a, b) => a + b, 0);
    this.highest = total - model.counts.at(-1)!;
    this.words = new Int32Array(total);
    this.logProb = new Float32Array(total);
    this.backoff = new Float32Array(total);
    const prefix = new Int32Array(total);
    let n = 0;
    for (const [o, { words, logProb, backoff }] of model.orders.entries())
      for (let i = 0; i < logProb.length; i++, n++) {
        prefix[n] = model.find(words, i * (o + 1), i * (o + 1) + o);
        this.words[n] = words[i * (o + 1) + o]!;
        this.logProb[n] = logProb[i]!;
        this.backoff[n] = backoff[i]!;
      }
    this.firstChild = new Int32Array(total + 2);
    for (let i = 0; i < total; i++) this.firstChild[prefix[i]! + 2]!++;
    for (let i = 0; i <= total; i++) this.firstChild[i + 1]! += this.firstChild[i]!;
    this.children = new Int32Array(total);
    const place = this.firstChild.slice();
    for (let i = 0; i < total; i++) this.children[place[prefix[i]! + 1]!++] = i;
    for (let p = 0; p <= total; p++)
      this.children
        .subarray(this.firstChild[p], this.firstChild[p + 1])
        .sort((a, b) => this.words[a]! - this.words[b]!);
  }

  /** The n-grams that extend n-gram `i`; those of one word for -1. */
  private childrenOf(i: number): Int32Array {
    return this.children.subarray(this.firstChild[i + 1], this.firstChild[i + 2]);
  }

  /** How many words of the array an n-gram takes; a leaf none, but every single word has a place. */
  private size(i: number): number {
    const count = this.childrenOf(i).length;
    const single = i < this.model.counts[0]!;
    if (i >= this.highest && !single) return 0;
    return count === 0 && this.backoff[i] === 0 && !single ? 0 : 3 + 2 * count;
  }

  pack(): ConstArpa {
    const { model } = this;
    const address = new Float64Array(this.words.length).fill(-1);
    let length = 0;
    const stack = Array.from(this.childrenOf(-1)).reverse();
    const order: number[] = [];
    while (stack.length > 0) {
      const i = stack.pop()!;
      const size = this.size(i);
      if (size === 0) continue;
      address[i] = length;
      length += size;
      order.push(i);
      const below = this.childrenOf(i);
      for (let k = below.length - 1; k >= 0; k--) stack.push(below[k]!);
    }
    const states = new Int32Array(length);
    const floats = new Float32Array(states.buffer);
    const overflow: number[] = [];
    for (const i of order) {
      let at = address[i]!;
      const parent = at;
      const below = this.childrenOf(i);
      floats[at++] = this.logProb[i]!;
      floats[at++] = this.backoff[i]!;
      states[at++] = below.length;
      for (const child of below) {
        states[at++] = this.words[child]!;
        const distance = address[child]! - parent;
        if (address[child]! < 0) {
          floats[at] = this.logProb[child]!;
          states[at]! &= ~1;
        } else if (distance <= this.farthest) states[at] = 2 * distance + 1;
        else states[at] = -(2 * (overflow.push(address[child]! + 1) - 1) + 1);
        at++;
      }
    }
    const single = this.childrenOf(-1);
    const unigrams = new Float64Array(single.length === 0 ? 0 : this.words[single.at(-1)!]! + 1);
    for (const i of single) unigrams[this.words[i]!] = address[i]! + 1;
    const { bos, eos, order: longest } = model;
    return new ConstArpa(bos, eos, this.unk, longest, states, unigrams, Float64Array.from(overflow));
  }
}
