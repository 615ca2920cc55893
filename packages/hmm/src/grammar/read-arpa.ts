import { KaldiInput, type Place, parseNumber } from '@jebena/io-ark';
import { PairTable, type SymbolTable } from '@jebena/wfst';
import { GrammarError } from './errors.js';
import { NgramModel, type NgramOrder } from './ngram-model.js';

export interface ReadArpaOptions {
  /** What the words are symbols of; where left out, the file holds labels. */
  readonly symbols?: SymbolTable | undefined;
  /** What to do with a word that the table lacks: leave its n-grams out, add it, or fail. Default `skip`. */
  readonly unknown?: 'skip' | 'add' | 'fail' | undefined;
  /** How sentences begin and end; labels where there is no table. Default `<s>` and `</s>`. */
  readonly bos?: string | undefined;
  readonly eos?: string | undefined;
  /** Told of what is left out; the line stands in it. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Reads an ARPA file. What Kaldi leaves out is left out here, with a warning: n-grams of words that the table lacks,
 * n-grams without their prefix, `<s>` within and `</s>` before the end of an n-gram.
 *
 * @throws KaldiIoError with the line's byte offset
 */
export function readArpa(bytes: Uint8Array, options: ReadArpaOptions = {}, place: Place = {}): NgramModel {
  return new ArpaReader(new KaldiInput(bytes, place, false), options).read();
}

class ArpaReader {
  private readonly bos: number;
  private readonly eos: number;
  private line = '';
  private offset = 0;
  private number = 0;
  /** The n-grams so far, each by its prefix's place plus one and its last word. */
  private readonly table = new PairTable();

  constructor(
    private readonly input: KaldiInput,
    private readonly options: ReadArpaOptions,
  ) {
    const { bos = '<s>', eos = '</s>', symbols } = options;
    const label = (word: string): number => {
      const found = symbols
        ? options.unknown === 'add'
          ? symbols.add(word)
          : (symbols.find(word) ?? -1)
        : Number(word);
      if (Number.isInteger(found) && found > 0) return found;
      throw new GrammarError('ERR_GRAMMAR_WORD', `${symbols?.name ?? 'ARPA options'}: expected a label for '${word}'`);
    };
    this.bos = label(bos);
    this.eos = label(eos);
  }

  private next(): boolean {
    do {
      if (this.input.atEnd) return false;
      this.offset = this.input.offset;
      this.line = this.input.readLine().trimEnd();
      this.number++;
    } while (this.line === '');
    return true;
  }

  private fail(expected: string): never {
    return this.input.fail(expected, JSON.stringify(this.line), this.offset);
  }

  private warn(text: string): void {
    this.options.onWarning?.(`line ${this.number} [${this.line}] skipped: ${text}`);
  }

  read(): NgramModel {
    const counts = this.header();
    const orders: NgramOrder[] = [];
    for (let order = 1; order <= counts.length; order++) {
      if (this.line !== `\\${order}-grams:`) this.fail(`\\${order}-grams:`);
      orders.push(this.section(order, counts[order - 1]!, order === counts.length));
    }
    if (this.line !== '\\end\\') this.fail('\\end\\');
    return new NgramModel(orders, { bos: this.bos, eos: this.eos }, this.table);
  }

  private header(): number[] {
    do if (!this.next()) this.input.fail('\\data\\');
    while (this.line !== '\\data\\');
    const counts: number[] = [];
    while (this.next() && !this.line.startsWith('\\')) {
      const match = /^ngram\s+(\d+)\s*=\s*(\d+)$/.exec(this.line);
      if (!match || Number(match[1]) < 1) this.fail('ngram ORDER=COUNT');
      counts[Number(match![1]) - 1] = Number(match![2]);
    }
    if (counts.length === 0 || counts.includes(undefined as never)) this.fail('a count for every order');
    return counts;
  }

  private section(order: number, count: number, highest: boolean): NgramOrder {
    // A header may claim more than the file can hold.
    const room = Math.min(count, this.input.bytes.length);
    const words = new Int32Array(room * order);
    const logProb = new Float32Array(room);
    const backoff = new Float32Array(room);
    let seen = 0;
    let kept = 0;
    while (this.next() && !this.line.startsWith('\\')) {
      const fields = this.line.split(/[ \t]+/);
      if (fields.length < order + 1 || fields.length > order + (highest ? 1 : 2))
        this.fail(`a log-probability, ${order} words${highest ? '' : ' and perhaps a back-off weight'}`);
      if (++seen > count) this.fail(`${count} ${order}-grams, as the header says`);
      const at = kept * order;
      if (!this.place(fields, order, words, at)) continue;
      const prefix = this.find(words.subarray(at, at + order - 1));
      if (order > 1 && prefix < 0) {
        this.warn('no parent (n-1)-gram exists');
        continue;
      }
      const before = this.table.size;
      if (this.table.add(prefix + 1, words[at + order - 1]!) < before) this.fail('each n-gram once');
      logProb[kept] = Math.fround(this.value(fields[0]!)) * Math.LN10;
      backoff[kept] = Math.fround(fields.length > order + 1 ? this.value(fields[order + 1]!) : 0) * Math.LN10;
      kept++;
    }
    if (seen < count) this.options.onWarning?.(`the header says ${count} ${order}-grams, found ${seen}`);
    return { words: words.slice(0, kept * order), logProb: logProb.slice(0, kept), backoff: backoff.slice(0, kept) };
  }

  private find(words: Int32Array): number {
    let at = -1;
    for (const word of words) if ((at = this.table.find(at + 1, word)) < 0) return -1;
    return at;
  }

  private value(text: string): number {
    const value = parseNumber(text);
    if (value === undefined || Number.isNaN(value)) this.fail('a number');
    return value!;
  }

  /** Puts the labels of an n-gram's words where they go; false where the n-gram is to be left out. */
  private place(fields: string[], order: number, words: Int32Array, at: number): boolean {
    const { symbols, unknown = 'skip' } = this.options;
    for (let k = 0; k < order; k++) {
      const word = fields[k + 1]!;
      let label = symbols ? symbols.find(word) : Number(word);
      if (label === undefined && unknown === 'add') label = symbols!.add(word);
      if (label === undefined && unknown === 'fail') this.fail(`words of ${symbols!.name}`);
      if (label === undefined) {
        this.warn(`word '${word}' not in symbol table`);
        return false;
      }
      if (!Number.isInteger(label) || label <= 0) this.fail('a word');
      if ((k > 0 && label === this.bos) || (k + 1 < order && label === this.eos)) {
        this.warn('n-gram has invalid BOS/EOS placement');
        return false;
      }
      words[at + k] = label;
    }
    return true;
  }
}
