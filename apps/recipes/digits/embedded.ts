import { joinRows } from '@jebena/decode-looped';
import type { Matrix } from '@jebena/io-ark';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Corpus, CorpusRecording } from './corpus.js';
import { digitWords } from './strings.js';
import { UsageError } from '@jebena/options';
import type { DigitsOptions } from './options.js';
import type { DigitsData, TestSet, Utterance } from './utterance.js';

/** Recordings with a take below this are for testing, by the data set's own split. */
export const firstTrainingTake = 5;

/** Longest string, in digits. */
const longest = 7;
/** Shortest and longest gap between digits, in frames. */
const gapFrames: readonly [number, number] = [3, 30];

/** Draws whole numbers, the same ones for the same seed. */
export class Draws {
  private readonly generator: ReturnType<typeof xoroshiro128plus>;
  constructor(seed: number) {
    this.generator = xoroshiro128plus(seed);
  }
  /** A number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return uniformInt(this.generator, low, high);
  }
  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.between(0, i);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}

/** Joins recordings of one speaker to strings of 1 to 7 digits with quiet gaps; each recording is used once. */
function joinStrings(corpus: Corpus, recordings: readonly CorpusRecording[], name: string, draws: Draws): Utterance[] {
  const gap = (): Matrix => {
    const rows = draws.between(...gapFrames);
    const start = draws.between(0, corpus.noise.rows - rows);
    const { cols, data } = corpus.noise;
    return { rows, cols, data: data.subarray(start * cols, (start + rows) * cols) };
  };
  const order = draws.shuffled(recordings);
  const utterances: Utterance[] = [];
  for (let at = 0; at < order.length;) {
    const chosen = order.slice(at, at + draws.between(1, longest));
    at += chosen.length;
    const { speaker } = chosen[0]!;
    const feats = joinRows([gap(), ...chosen.flatMap((r) => [r.feats, gap()])], corpus.noise.cols);
    const id = `${speaker}-${name}${String(utterances.length).padStart(4, '0')}`;
    utterances.push({ id, speaker, words: chosen.map((r) => digitWords[r.digit]!), feats });
  }
  return utterances;
}

/**
 * Strings of the embedded recordings.
 *
 * @param times how often each recording is used, each time in another string
 */
export function embeddedStrings(
  corpus: Corpus,
  keep: (r: CorpusRecording) => boolean,
  name: string,
  times: number,
  seed: number,
): Utterance[] {
  const draws = new Draws(seed);
  const recordings = corpus.recordings.filter(keep);
  const speakers = [...new Set(recordings.map((r) => r.speaker))].sort();
  return Array.from({ length: times }, (_, round) =>
    speakers.flatMap((speaker) =>
      joinStrings(
        corpus,
        recordings.filter((r) => r.speaker === speaker),
        times > 1 ? `${name}${round}-` : name,
        draws,
      ),
    ),
  ).flat();
}

/** How often a recording stands in the training strings. */
const timesInTraining = 3;

/** Speech of the corpus that the repository holds: what the recipe runs on by default. */
export function embeddedData(corpus: Corpus, { leaveOut, seed }: Pick<DigitsOptions, 'leaveOut' | 'seed'>): DigitsData {
  const speakers = new Set(corpus.recordings.map((r) => r.speaker));
  if (leaveOut && !speakers.has(leaveOut))
    throw new UsageError(`--leave-out: expected one of ${[...speakers].sort().join(', ')}, found '${leaveOut}'`);
  const forTraining = (r: CorpusRecording): boolean => r.take >= firstTrainingTake;
  const seen = (r: CorpusRecording): boolean => r.speaker !== leaveOut;
  const tests: TestSet[] = [
    { name: 'test', utterances: embeddedStrings(corpus, (r) => seen(r) && !forTraining(r), 't', 1, 0) },
  ];
  if (leaveOut) tests.push({ name: leaveOut, utterances: embeddedStrings(corpus, (r) => !seen(r), 'u', 1, 0) });
  const train = embeddedStrings(corpus, (r) => seen(r) && forTraining(r), 'r', timesInTraining, seed);
  const takes = corpus.recordings.filter((r) => seen(r) && forTraining(r)).map((r) => ({ ...r, edge: 0 }));
  return { train, takes, noise: corpus.noise, tests, sampleRate: corpus.sampleRate };
}
