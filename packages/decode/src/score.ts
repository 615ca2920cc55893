import { compareWords, type WordComparison, WordErrorRate } from './word-errors.js';

/** An utterance as it was scored. */
export interface ScoredUtterance {
  readonly key: string;
  readonly speaker: string | undefined;
  readonly comparison: WordComparison<string>;
}

export interface ScoreOptions {
  /** What is done to the words of both sides before they are compared: {@link filterWords}. */
  readonly filter?: ((words: readonly string[]) => readonly string[]) | undefined;
  /** The speaker of an utterance. */
  readonly speakerOf?: ((utterance: string) => string | undefined) | undefined;
  /** Utterances without a hypothesis: counted as empty, the default, or left out. */
  readonly missing?: 'empty' | 'skip' | undefined;
}

/** Word errors of a test set, in all and by speaker. */
export interface Score {
  readonly total: WordErrorRate;
  readonly speakers: ReadonlyMap<string, WordErrorRate>;
  readonly utterances: readonly ScoredUtterance[];
  /** Keys of the reference that had no hypothesis. */
  readonly missing: readonly string[];
}

/**
 * Scores hypotheses against references.
 *
 * @example
 * ```ts
 * const score = scoreUtterances(references, hypotheses, { speakerOf: (key) => utt2spk.get(key) });
 * String(score.total); // '%WER 0.40 [ 1 / 250, 0 ins, 0 del, 1 sub ]'
 * ```
 */
export function scoreUtterances(
  references: Iterable<readonly [key: string, words: readonly string[]]>,
  hypotheses: ReadonlyMap<string, readonly string[]>,
  { filter = (words) => words, speakerOf, missing: whenMissing = 'empty' }: ScoreOptions = {},
): Score {
  const total = new WordErrorRate();
  const speakers = new Map<string, WordErrorRate>();
  const utterances: ScoredUtterance[] = [];
  const missing: string[] = [];
  for (const [key, ref] of references) {
    const hyp = hypotheses.get(key);
    if (!hyp) missing.push(key);
    if (!hyp && whenMissing === 'skip') continue;
    const comparison = compareWords(filter(ref), filter(hyp ?? []));
    const speaker = speakerOf?.(key);
    total.add(comparison);
    if (speaker !== undefined) {
      const own = speakers.get(speaker) ?? new WordErrorRate();
      speakers.set(speaker, own.add(comparison));
    }
    utterances.push({ key, speaker, comparison });
  }
  return { total, speakers, utterances, missing };
}

/**
 * Rules that make a words filter: lines of `s:REGEX:REPLACEMENT:[g]` as in Kaldi's wer_output_filter (sed), applied to
 * the words joined by single spaces, and single words that are taken out wherever they stand.
 *
 * @throws DecodeError for a rule that is no rule
 */
export function filterWords(rules: readonly string[]): (words: readonly string[]) => string[] {
  const steps = rules
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '' && !rule.startsWith('#'))
    .map((rule): ((text: string) => string) => {
      const match = /^s(.)(.*?)\1(.*?)\1([gi]*)$/.exec(rule);
      if (!match)
        return (text) =>
          text
            .split(' ')
            .filter((word) => word !== rule)
            .join(' ');
      const [, , pattern, replacement, flags] = match as unknown as [string, string, string, string, string];
      const regex = new RegExp(pattern, `${flags.includes('i') ? 'i' : ''}${flags.includes('g') ? 'g' : ''}u`);
      return (text) => text.replace(regex, replacement.replace(/\\(\d)/g, '$$$1'));
    });
  return (words) =>
    steps
      .reduce((text, step) => step(text), words.join(' '))
      .split(/\s+/)
      .filter(Boolean);
}
