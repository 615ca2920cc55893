import {
  addTransitionProbs,
  alignmentToPhoneRuns,
  alignmentToWords,
  type Language,
  type PhoneRun,
  type TransitionModel,
  type WordTime,
} from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import { atLeast, defineOptions, float, type OptionValues, resolveOptions } from '@jebena/options';
import type { Fst } from '@jebena/wfst';
import { BeamSearch } from './beam-search.js';
import type { CtmEntry, Tier } from './ctm.js';
import { searchOptions } from './search-options.js';

/** Options of forced alignment (AlignConfig and the scales of nnet3-align-compiled). */
export const alignOptions = defineOptions({
  beam: float(200, 'Decoding beam used in alignment', atLeast(0)),
  retryBeam: float(0, 'Decoding beam for second try at alignment; 0: none', atLeast(0)),
  acousticScale: searchOptions.acousticScale,
  transitionScale: float(1, 'Transition-probability scale [relative to acoustics]'),
  selfLoopScale: float(1, 'Scale of self-loop versus non-self-loop log probs [relative to acoustics]'),
});

/** An aligned utterance. */
export interface Aligned {
  /** Transition ids, one a frame. */
  readonly alignment: Int32Array;
  readonly words: Int32Array;
  /** Log-likelihood, scaled, transition probabilities in it. */
  readonly logLike: number;
  /** Whether it took the second, wider beam. */
  readonly retried: boolean;
}

/**
 * Finds the best path of an utterance through its training graph (AlignUtteranceWrapper in
 * decoder/decoder-wrappers.cc).
 *
 * @param graph a training graph made with both scales 0: its transition probabilities are added here
 * @param loglikes log-likelihoods by pdf, unscaled
 * @returns undefined where no path reaches the end, with the wider beam too
 * @throws DecodeError for scores that cannot be used; HmmError for labels that the model lacks
 */
export function forcedAlign(
  graph: Fst,
  model: TransitionModel,
  loglikes: Matrix,
  options: Partial<OptionValues<typeof alignOptions>> = {},
): Aligned | undefined {
  const { beam, retryBeam, acousticScale, transitionScale, selfLoopScale } = resolveOptions(alignOptions, options);
  const weighted = addTransitionProbs(graph, model, { transitionScale, selfLoopScale });
  for (const width of retryBeam > beam ? [beam, retryBeam] : [beam]) {
    const search = new BeamSearch(weighted, model.tidToPdf, { beam: width, acousticScale });
    search.start();
    search.advance(loglikes);
    const best = search.bestPath();
    if (loglikes.rows > 0 && best?.reachedFinal)
      return { alignment: best.alignment, words: best.words, logLike: -best.cost, retried: width !== beam };
  }
  return undefined;
}

export interface TimedAlignment {
  readonly words: readonly WordTime[];
  readonly phones: readonly PhoneRun[];
  readonly numFrames: number;
}

/**
 * When each word and each phone of an alignment was said.
 *
 * @throws HmmError for transition ids that the model lacks
 */
export function timeAlignment(
  alignment: Int32Array,
  words: ArrayLike<number>,
  model: TransitionModel,
  language: Language,
): TimedAlignment | undefined {
  const pronunciations = (word: number): number[][] => language.pronunciations(word);
  const times = alignmentToWords(model, alignment, words, pronunciations, new Set(language.silencePhones));
  return times && { words: times, phones: alignmentToPhoneRuns(model, alignment), numFrames: alignment.length };
}

/** The words of an alignment as lines of a CTM file; see {@link formatCtm}. */
export const alignmentCtm = (
  utterance: string,
  { words }: TimedAlignment,
  language: Language,
  frameShift: number = 0.01,
): CtmEntry[] =>
  words.map(({ word, start, length }) => ({
    utterance,
    start: start * frameShift,
    duration: length * frameShift,
    word: language.words.symbol(word) ?? String(word),
  }));

/** An alignment as two tiers, words and phones; see {@link formatTextGrid}. */
export function alignmentTiers(
  { words, phones }: TimedAlignment,
  language: Language,
  frameShift: number = 0.01,
): Tier[] {
  const seconds = (frames: number): number => Number((frames * frameShift).toFixed(6));
  const interval = (text: string | undefined, { start, length }: { start: number; length: number }) => ({
    start: seconds(start),
    end: seconds(start + length),
    text: text ?? '',
  });
  return [
    { name: 'words', intervals: words.map((w) => interval(language.words.symbol(w.word), w)) },
    { name: 'phones', intervals: phones.map((p) => interval(language.phones.symbol(p.phone), p)) },
  ];
}
