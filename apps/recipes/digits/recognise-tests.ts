import { BeamSearch } from '@jebena/decode';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { alignmentToPhoneRuns } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import { collect, type Item } from '@jebena/stream';
import { scoreHypotheses } from './evaluate.js';
import type { Language } from './language.js';
import type { DigitBalance } from './lf-mmi/digit-balance.js';
import { hearSpeakers } from './lf-mmi/hear-speakers.js';
import type { Hypothesis, TestResult } from './results.js';
import { scores } from './scores.js';
import type { TestSet, Utterance } from './utterance.js';

/** Kaldi's usual beam for small graphs. */
const beam = 15;

/**
 * Recognises every utterance of the test sets and counts the errors.
 *
 * @param newBalance of a speaker, for test sets that say what is heard
 */
export async function recogniseTests(
  engine: Engine,
  network: Network,
  language: Language,
  tests: readonly TestSet[],
  priors: Float32Array | undefined,
  signal: AbortSignal,
  newBalance?: () => DigitBalance,
): Promise<TestResult[]> {
  const results: TestResult[] = [];
  const { symbols, transitionModel, graph, acousticScale, frameSubsamplingFactor } = language;
  const search = new BeamSearch(graph, transitionModel.tidToPdf, { beam, acousticScale });
  // Test sets may differ in what is heard alone.
  const known = new Map<readonly Utterance[], readonly Item<Matrix>[]>();
  for (const test of tests) {
    const { name, utterances } = test;
    const byId = new Map(utterances.map((u) => [u.id, u]));
    const hypotheses: Hypothesis[] = [];
    const outputs =
      known.get(utterances) ?? (await collect(scores(engine, network, language, utterances, priors, signal)));
    known.set(utterances, outputs);
    for (const [id, loglikes] of newBalance ? hearSpeakers(outputs, test, newBalance) : outputs) {
      signal.throwIfAborted();
      const { speaker, words: reference } = byId.get(id)!;
      search.start();
      search.advance(loglikes);
      const path = search.bestPath();
      const words = Array.from(path?.words ?? [], (label) => symbols.words.symbol(label)!);
      const times = path ? wordTimes(language, path.alignment, words) : [];
      const inFrames = times.map(
        ([first, end]) => [first * frameSubsamplingFactor, end * frameSubsamplingFactor] as const,
      );
      hypotheses.push({ id, speaker, reference, words, times: inFrames });
    }
    results.push(scoreHypotheses(name, hypotheses));
  }
  return results;
}

/** Frames of each word: its phones follow one another, silences aside. */
function wordTimes(language: Language, alignment: Int32Array, words: readonly string[]): [number, number][] {
  const silences = new Set(language.symbols.silencePhones);
  const runs = alignmentToPhoneRuns(language.transitionModel, alignment).filter((r) => !silences.has(r.phone));
  let at = 0;
  return words.map((word) => {
    const spoken = runs.slice(at, (at += language.symbols.lexicon.pronunciations(word)[0]!.phones.length));
    const last = spoken.at(-1);
    return spoken[0] && last ? [spoken[0].start, last.start + last.length] : [alignment.length, alignment.length];
  });
}
