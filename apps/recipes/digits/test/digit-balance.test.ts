import { BeamSearch } from '@jebena/decode';
import { Random } from '@jebena/features';
import { type Matrix, matrix } from '@jebena/io-ark';
import type { Item } from '@jebena/stream';
import { expect, test } from 'vitest';
import { digitsLanguage } from '../language.js';
import { chainGraphs } from '../lf-mmi/chain-graphs.js';
import { DigitBalance } from '../lf-mmi/digit-balance.js';
import { hearSpeakers } from '../lf-mmi/hear-speakers.js';
import { digitWords } from '../strings.js';
import type { Utterance } from '../utterance.js';

const language = digitsLanguage('lf-mmi');
const { denominator } = chainGraphs(language);
const { symbols, transitionModel } = language;
const newBalance = (): DigitBalance => new DigitBalance(language, denominator);

/** The pdfs of a digit's ten frames: each unit is entered and stays once. */
const pdfsOf = (word: string): number[] =>
  symbols.lexicon.pronunciations(word)[0]!.phones.flatMap((unit) => {
    const tids = [...transitionModel.tidToPhone.keys()].filter(
      (tid) => transitionModel.tidToPhone[tid] === symbols.phones.label(unit),
    );
    const pdf = (loop: number): number =>
      transitionModel.tidToPdf[tids.find((tid) => transitionModel.tidIsSelfLoop[tid] === loop)!]!;
    return [pdf(0), pdf(1)];
  });

/** What a network might make of some digits that takes this speaker's sixes for sevens, but not quite as surely as sevens. */
function outputOf(words: readonly string[]): Matrix {
  const output = matrix(words.length * 10, transitionModel.numPdfs);
  words.forEach((word, i) => {
    const put = (as: string, score: number): void =>
      pdfsOf(as).forEach((pdf, t) => (output.data[(i * 10 + t) * output.cols + pdf] = score));
    put(word, 2);
    if (word === 'six') put('seven', 2.1);
    if (word === 'seven') put('six', 1.5);
  });
  return output;
}

const random = new Random(1);
const strings = Array.from({ length: 60 }, (_, i): Utterance & { output: Matrix } => {
  const words = Array.from({ length: 5 }, () => random.pick(digitWords));
  return { id: `s${i}`, speaker: 'me', words, feats: matrix(0, 40), output: outputOf(words) };
});

const search = new BeamSearch(language.graph, transitionModel.tidToPdf, { beam: 15, acousticScale: 1 });
const wordsOf = (output: Matrix): string[] => {
  search.start();
  search.advance(output);
  return Array.from(search.bestPath()!.words, (label) => symbols.words.symbol(label)!);
};
const wrong = (items: Iterable<Item<Matrix>>, from = 0): number =>
  [...items]
    .slice(from)
    .map(([, output], i) => wordsOf(output).filter((word, k) => word !== strings[from + i]!.words[k]).length)
    .reduce((a, b) => a + b, 0);
const outputs = strings.map(({ id, output }): Item<Matrix> => [id, output]);
const sixes = (from: number): number =>
  strings
    .slice(from)
    .flatMap((s) => s.words)
    .filter((w) => w === 'six').length;

test('a digit that is taken for another is found once all strings were heard, with no transcript', () => {
  expect(wrong(outputs)).toBe(sixes(0));
  const set = { name: 'all', utterances: strings, heard: 'all' } as const;
  expect(wrong(hearSpeakers(outputs, set, newBalance))).toBe(0);
});

test('as somebody speaks, only the strings before count; nothing heard, nothing is changed', () => {
  const set = { name: 'before', utterances: strings, heard: 'before' } as const;
  const heard = [...hearSpeakers(outputs, set, newBalance)];
  heard.slice(0, 5).forEach(([, output], i) => expect(output).toEqual(strings[i]!.output));
  expect([...hearSpeakers(outputs.slice(0, 30), set, newBalance)]).toEqual(heard.slice(0, 30));
  expect(wrong(heard, 30)).toBeLessThan(0.2 * sixes(30));
});

test('the corrections are where the objective is level: expected counts are even but for what caution takes', () => {
  const balance = newBalance();
  for (const { output } of strings) balance.hear(output);
  balance.settle(40);
  const before = [...balance.corrections];
  balance.settle(1);
  balance.corrections.forEach((b, d) => expect(b).toBeCloseTo(before[d]!, 3));
  expect(before.reduce((a, b) => a + b)).toBeCloseTo(0, 3);
  expect(before[6]).toBeGreaterThan(0.5);
  expect(before[7]).toBeLessThan(-0.5);
});

test('digits that nobody says are not found for that', () => {
  const said = strings.filter(({ words }) => !words.includes('nine') && !words.includes('six'));
  expect(said.length).toBeGreaterThan(10);
  const balance = newBalance();
  for (const { output } of said) balance.hear(output);
  balance.settle(15);
  expect(Math.max(...balance.corrections.map(Math.abs))).toBe(3);
  for (const { words, output } of said) expect(wordsOf(balance.apply(output))).toEqual(words);
});
