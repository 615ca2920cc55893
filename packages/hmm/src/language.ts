import { SymbolTable } from '@jebena/wfst';
import { HmmError } from './errors.js';
import type { Lexicon } from './lexicon.js';
import { addDisambig, type Disambiguated } from './lexicon-disambig.js';

export interface LanguageOptions {
  /** Phones that are no speech. */
  readonly silencePhones: readonly string[];
  /** The other phones, in the order of their numbers; those of the lexicon, sorted, unless given. */
  readonly nonsilencePhones?: readonly string[] | undefined;
  /** The phone that may stand between any two words; default the first silence phone. */
  readonly optionalSilence?: string | undefined;
  /** What a word outside the lexicon is taken for. */
  readonly oov?: string | undefined;
  /** Phone symbols in order; default silence phones, then the others sorted. */
  readonly phones?: SymbolTable | undefined;
  /** Word symbols; default `<eps>`, the words sorted, `#0`, `<s>`, `</s>`. */
  readonly words?: SymbolTable | undefined;
}

/**
 * What prepare_lang.sh makes of a lexicon: symbols for phones and words, disambiguation symbols, and the
 * pronunciations in numbers.
 *
 * @example
 * ```ts
 * const language = new Language(Lexicon.parse(text), { silencePhones: ['SIL'] });
 * language.words.label('two');
 * ```
 */
export class Language {
  readonly phones: SymbolTable;
  readonly words: SymbolTable;
  /** Pronunciations with their disambiguation symbols. */
  readonly entries: readonly Disambiguated[];
  readonly silencePhones: readonly number[];
  readonly nonsilencePhones: readonly number[];
  readonly optionalSilence: number;
  /** Labels of #0, #1, ... among the phones: #0 stands for the grammar's backoff, the last one follows optional silence. */
  readonly disambig: readonly number[];
  /** Label of #0 among the words. */
  readonly wordDisambig: number;
  readonly oov: number | undefined;

  constructor(
    readonly lexicon: Lexicon,
    options: LanguageOptions,
  ) {
    const { silencePhones } = options;
    if (silencePhones.length === 0)
      throw new HmmError('ERR_HMM_LEXICON', 'language: expected silence phones, found none');
    const { entries, max } = addDisambig(lexicon);
    this.entries = entries;
    const silence = new Set(silencePhones);
    const speech = options.nonsilencePhones ?? lexicon.phones.filter((p) => !silence.has(p));
    this.phones = options.phones ?? new SymbolTable('phones.txt', numbered(['<eps>', ...silencePhones, ...speech]));
    this.disambig = Array.from({ length: max + 2 }, (_, n) => this.phones.add(`#${n}`));
    this.words =
      options.words ?? new SymbolTable('words.txt', numbered(['<eps>', ...sorted(lexicon.words), '#0', '<s>', '</s>']));
    this.wordDisambig = this.words.add('#0');
    this.silencePhones = silencePhones.map((p) => this.phones.label(p));
    this.optionalSilence = this.phones.label(options.optionalSilence ?? silencePhones[0]!);
    const marks = new Set([0, ...this.disambig, ...this.silencePhones]);
    this.nonsilencePhones = Array.from(this.phones, ([, label]) => label).filter((label) => !marks.has(label));
    this.oov = options.oov === undefined ? undefined : this.words.label(options.oov);
  }

  /** The symbol that follows optional silence in L. */
  get silenceDisambig(): number {
    return this.disambig.at(-1)!;
  }

  /** All phones that are sounds: silence, then the others. */
  get allPhones(): number[] {
    return [...this.silencePhones, ...this.nonsilencePhones].sort((a, b) => a - b);
  }

  /** The phone sequences of a word, in numbers. */
  pronunciations(word: number): number[][] {
    const symbol = this.words.symbol(word);
    return symbol === undefined
      ? []
      : this.lexicon.pronunciations(symbol).map(({ phones }) => phones.map((p) => this.phones.label(p)));
  }

  /**
   * Words in numbers.
   *
   * @throws HmmError for a word that the lexicon lacks, where there is no `oov`
   */
  wordLabels(words: readonly string[]): number[] {
    return words.map((word) => {
      const label = this.lexicon.has(word) ? this.words.label(word) : this.oov;
      if (label === undefined)
        throw new HmmError('ERR_HMM_LEXICON', `language: the lexicon lacks the word '${word}', and no oov word is set`);
      return label;
    });
  }
}

const numbered = (symbols: string[]): [string, number][] => symbols.map((symbol, i) => [symbol, i]);

/** As LC_ALL=C sorts: by bytes, which for UTF-8 is by code points. */
const sorted = (symbols: string[]): string[] => symbols.filter((s) => s !== '#0' && s !== '<s>' && s !== '</s>').sort();
