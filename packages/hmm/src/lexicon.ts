import { HmmError } from './errors.js';

/** One pronunciation of a word. */
export interface Pronunciation {
  readonly word: string;
  readonly phones: readonly string[];
  /** From 0 to 1, best 1 for a word's likeliest; default 1. */
  readonly probability?: number | undefined;
  /** What silence does around it (Kaldi's lexiconp_silprob.txt). */
  readonly silence?: SilenceProbabilities | undefined;
}

/** Silence around a pronunciation. */
export interface SilenceProbabilities {
  /** Probability of silence after it. */
  readonly after: number;
  /** Factor on its probability after silence. */
  readonly afterSilence: number;
  /** Factor on its probability after no silence. */
  readonly afterWord: number;
}

/** Silence at the edges of an utterance (Kaldi's silprob.txt). */
export interface EdgeSilence {
  readonly begin: number;
  readonly endAfterSilence: number;
  readonly endAfterWord: number;
}

/**
 * The words of a language and their phones.
 *
 * @example
 * ```ts
 * const lexicon = Lexicon.parse('one W AH N\ntwo T UW\n');
 * lexicon.pronunciations('two')[0].phones; // ['T', 'UW']
 * ```
 */
export class Lexicon {
  private readonly byWord = new Map<string, Pronunciation[]>();

  constructor(readonly entries: readonly Pronunciation[]) {
    for (const entry of entries) {
      const of = this.byWord.get(entry.word);
      if (of) of.push(entry);
      else this.byWord.set(entry.word, [entry]);
    }
  }

  /** The words, each once, in the order in which they come first. */
  get words(): string[] {
    return [...this.byWord.keys()];
  }

  /** The phones, each once, sorted as bytes sort. */
  get phones(): string[] {
    return [...new Set(this.entries.flatMap((e) => e.phones))].sort();
  }

  has(word: string): boolean {
    return this.byWord.has(word);
  }

  pronunciations(word: string): readonly Pronunciation[] {
    return this.byWord.get(word) ?? [];
  }

  /** Whether any pronunciation has silence probabilities of its own. */
  get hasSilence(): boolean {
    return this.entries.some((e) => e.silence);
  }

  /**
   * Reads Kaldi's lexicon.txt (`word phone ...`), lexiconp.txt (with a probability after the word) or
   * lexiconp_silprob.txt (with four numbers).
   *
   * @throws HmmError with the line
   */
  static parse(text: string, { form = 'plain', path = 'lexicon' }: LexiconOptions = {}): Lexicon {
    const numbers = { plain: 0, probabilities: 1, silence: 4 }[form];
    const entries: Pronunciation[] = [];
    const seen = new Set<string>();
    text.split('\n').forEach((line, i) => {
      const fields = line.trim().split(/\s+/);
      if (fields[0] === '') return;
      const fail = (what: string): never => {
        throw new HmmError('ERR_HMM_LEXICON', `${path}, line ${i + 1}: ${what}`);
      };
      const [word, ...rest] = fields as [string, ...string[]];
      const values = rest.splice(0, numbers).map((field) => {
        const value = Number(field);
        return value > 0 ? value : fail(`expected a positive number, found '${field}'`);
      });
      if (values.length < numbers) fail(`expected ${numbers} numbers after '${word}', found ${values.length}`);
      if (rest.length === 0) fail(`expected phones after '${word}', found none`);
      if (word === '<eps>' || /^#\d+$/.test(word)) fail(`'${word}' is a reserved symbol`);
      for (const phone of rest) if (phone === '<eps>' || phone.startsWith('#')) fail(`'${phone}' is a reserved symbol`);
      const [probability, after, afterSilence, afterWord] = values as [number, number, number, number];
      if (probability > 1) fail(`expected a probability from 0 to 1, found ${probability}`);
      const key = `${word} ${rest.join(' ')}`;
      if (seen.has(key)) return; // said twice: Kaldi's scripts refuse it, a second copy changes nothing
      seen.add(key);
      entries.push({
        word,
        phones: rest,
        probability: numbers > 0 ? probability : undefined,
        silence: numbers > 1 ? { after, afterSilence, afterWord } : undefined,
      });
    });
    if (entries.length === 0) throw new HmmError('ERR_HMM_LEXICON', `${path}: expected entries, found none`);
    return new Lexicon(entries);
  }

  /** The file that {@link parse} reads. */
  format(): string {
    return this.entries
      .map(({ word, phones, probability, silence }) =>
        [
          word,
          ...(silence
            ? [probability ?? 1, silence.after, silence.afterSilence, silence.afterWord]
            : probability === undefined
              ? []
              : [probability]),
          ...phones,
        ].join(' '),
      )
      .map((line) => `${line}\n`)
      .join('');
  }

  /**
   * A lexicon for a language without one: every word is spelled by its letters, each a phone. Marks that combine
   * with a letter stay with it; digits and signs in `ignore` are left out.
   */
  static graphemes(words: Iterable<string>, { lowerCase = true, ignore = "'’-_.~" }: GraphemeOptions = {}): Lexicon {
    const entries: Pronunciation[] = [];
    for (const word of new Set(words)) {
      const letters = (lowerCase ? word.toLowerCase() : word).normalize('NFC').match(/\P{M}\p{M}*/gu) ?? [];
      const phones = letters.filter((letter) => !ignore.includes(letter) && letter.trim() !== '');
      if (phones.length === 0)
        throw new HmmError('ERR_HMM_LEXICON', `grapheme lexicon: the word '${word}' has no letters`);
      entries.push({ word, phones });
    }
    return new Lexicon(entries);
  }

  /**
   * Position-dependent phones: every phone of a word is marked by where it stands, `_B` first, `_E` last, `_I`
   * between, `_S` alone, as prepare_lang.sh does. Words that are silence alone keep it unmarked as well.
   */
  positionDependent(): Lexicon {
    return new Lexicon(
      this.entries.map((entry) => ({
        ...entry,
        phones: entry.phones.map((phone, i) => phone + positionMark(i, entry.phones.length)),
      })),
    );
  }

  /** With `more` added after the entries of this one. */
  extended(more: Iterable<Pronunciation>): Lexicon {
    return new Lexicon([...this.entries, ...more]);
  }
}

const positionMark = (i: number, length: number): string =>
  length === 1 ? '_S' : i === 0 ? '_B' : i === length - 1 ? '_E' : '_I';

export interface LexiconOptions {
  /** `plain`: lexicon.txt; `probabilities`: lexiconp.txt; `silence`: lexiconp_silprob.txt. */
  readonly form?: 'plain' | 'probabilities' | 'silence' | undefined;
  /** What to call it in errors. */
  readonly path?: string | undefined;
}

export interface GraphemeOptions {
  readonly lowerCase?: boolean | undefined;
  /** Characters that stand for no sound. */
  readonly ignore?: string | undefined;
}
