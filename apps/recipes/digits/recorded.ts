import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UsageError } from '@jebena/options';
import { type Matrix, readWave } from '@jebena/io-ark';
import { makeFbank, sampleRate } from './features.js';
import type { DigitsOptions } from './options.js';
import { type DigitString, digitWords, parseStrings, quietNoise, renderString, StringListError } from './strings.js';
import type { DigitsData, Take, TestSet, Utterance } from './utterance.js';

/** Reads recordings of one folder, each once. */
function recordingReader(folder: string): (file: string, path: string, id: string) => Float32Array {
  const read = new Map<string, Float32Array>();
  return (file, path, id) => {
    const known = read.get(file);
    if (known) return known;
    const whole = join(folder, file);
    if (!existsSync(whole))
      throw new StringListError(`${path}: string '${id}' names the recording '${file}', which is not in ${folder}`);
    const wave = readWave(readFileSync(whole), { path: whole });
    if (wave.sampleRate !== sampleRate)
      throw new StringListError(`${whole}: expected ${sampleRate} samples a second, found ${wave.sampleRate}`);
    read.set(file, wave.channels[0]!);
    return wave.channels[0]!;
  };
}

/** Quiet that a take has on either side, in samples: so its first and last frame hold nothing else. */
const takeMargin = 240;
/** Quiet that gaps are made of, in seconds. */
const quietSeconds = 20;

/** The recordings of some strings, each once. */
function takesOf(
  strings: readonly DigitString[],
  recording: (file: string, id: string) => Float32Array,
  compute: (samples: Float32Array) => Matrix,
): Take[] {
  const takes = new Map<string, Take>();
  for (const { id, speaker, words, pieces } of strings)
    pieces
      .filter((piece) => typeof piece === 'string')
      .forEach((file, i) => {
        if (takes.has(file)) return;
        const said = recording(file, id);
        const { samples } = quietNoise(said.length + 2 * takeMargin, takes.size);
        samples.set(said, takeMargin);
        takes.set(file, { digit: digitWords.indexOf(words[i]!), speaker, feats: compute(samples), edge: 1 });
      });
  return [...takes.values()];
}

/** Speech of recordings that are joined as lists say: `--recordings`, `--train` and `--test`. */
export function recordedData({ recordings, train, test, leaveOut }: DigitsOptions): DigitsData {
  if (!train || !test) throw new UsageError('--recordings: expected --train=LIST and --test=LIST beside it');
  const recording = recordingReader(recordings);
  const fbank = makeFbank();
  const load = (path: string): DigitString[] => parseStrings(readFileSync(path, 'utf8'), path);
  const render =
    (path: string) =>
    (string: DigitString): Utterance => ({
      id: string.id,
      speaker: string.speaker,
      words: string.words,
      feats: fbank.compute(renderString(string, (file) => recording(file, path, string.id))),
    });
  const trainStrings = load(train);
  const testLists = test.split(',').map((path) => ({ path, strings: load(path) }));
  const seen = (s: DigitString): boolean => s.speaker !== leaveOut;
  const tests: TestSet[] = testLists.map(({ path, strings }) => ({
    name: basename(path).replace(/\.[^.]*$/, ''),
    utterances: strings.filter(seen).map(render(path)),
  }));
  if (leaveOut) {
    const all = [{ path: train, strings: trainStrings }, ...testLists];
    const utterances = all.flatMap(({ path, strings }) => strings.filter((s) => !seen(s)).map(render(path)));
    if (utterances.length === 0)
      throw new UsageError(`--leave-out: expected a speaker of the lists, found '${leaveOut}'`);
    tests.push({ name: leaveOut, utterances });
  }
  const kept = trainStrings.filter(seen);
  return {
    train: kept.map(render(train)),
    takes: takesOf(
      kept,
      (file, id) => recording(file, train, id),
      (samples) => fbank.compute(samples),
    ),
    noise: fbank.compute(quietNoise(quietSeconds * sampleRate, 1).samples),
    tests: tests.filter((t) => t.utterances.length > 0),
    sampleRate,
  };
}
