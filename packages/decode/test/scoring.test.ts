import {
  bootstrapImprovement,
  bootstrapWer,
  confusions,
  errorReport,
  filterWords,
  formatAlignments,
  formatCtm,
  formatSpeakers,
  formatTextGrid,
  parseCtm,
  scoreUtterances,
  searchScales,
} from '@jebena/decode';
import { parseSymbols, readCompactLattices } from '@jebena/wfst';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { readTextTable, table } from './support/golden.js';

const words = (text: string): string[] => text.split(' ').filter(Boolean);
const references = new Map([
  ['a1', words('one two three')],
  ['a2', words('four')],
  ['b1', words('five six')],
]);
const hypotheses = new Map([
  ['a1', words('one too three')],
  ['b1', words('five six six')],
]);
const speakerOf = (key: string): string => key[0]!;

test('scores in all, by speaker and by utterance', () => {
  const score = scoreUtterances(references, hypotheses, { speakerOf });
  expect(String(score.total)).toBe('%WER 50.00 [ 3 / 6, 1 ins, 1 del, 1 sub ]');
  expect(score.missing).toEqual(['a2']);
  expect(String(score.speakers.get('a'))).toBe('%WER 50.00 [ 2 / 4, 0 ins, 1 del, 1 sub ]');
  expect(formatSpeakers(score)).toMatch(/^b +1 +2 +100\.00 +0\.00 +0\.00 +50\.00 +50\.00$/m);
  expect(formatAlignments(score)).toContain(
    'a1 ref  one  two  three\na1 hyp  one  too  three\na1 op   C    S    C\na1 #csid 2 1 0 0\n',
  );
  expect(confusions(score)).toContainEqual({ ref: '***', hyp: 'six', count: 1 });
  expect(scoreUtterances(references, hypotheses, { missing: 'skip' }).total.refWords).toBe(5);
  const page = errorReport(score, { title: 'A & B' });
  expect(page).toContain('<h1>A &amp; B</h1>');
  expect(page).toContain('<span class="w sub">two<br>too</span>');
});

test('filter rules are those of a sed script, or words to leave out', () => {
  const filter = filterWords(['# comment', '<noise>', 's:too:two:g', 's/(un)sure/$1certain/', '']);
  expect(filter(words('one too <noise> unsure too'))).toEqual(words('one two uncertain two'));
  const score = scoreUtterances(references, hypotheses, { filter: filterWords(['s:too:two:']) });
  expect(score.total.substitutions).toBe(0);
});

test('bootstrap intervals hold the rate and come from a seed', () => {
  const counts = Array.from({ length: 200 }, (_, i) => ({ errors: i % 4 === 0 ? 1 : 0, words: 5 }));
  const { mean, interval } = bootstrapWer(counts, { seed: 3 });
  expect(mean).toBeCloseTo(5, 1);
  // The standard error of a share of 1/4 over 200 utterances, of five words each.
  expect(interval).toBeCloseTo(1.96 * 100 * Math.sqrt((0.25 * 0.75) / 200) * 0.2, 1);
  expect(bootstrapWer(counts, { seed: 3 })).toEqual({ mean, interval });
  const better = counts.map(({ words }, i) => ({ errors: i % 8 === 0 ? 1 : 0, words }));
  expect(bootstrapImprovement(counts, better)).toBeGreaterThan(0.99);
  expect(bootstrapImprovement(better, counts)).toBeLessThan(0.01);
  expect(() => bootstrapWer([])).toThrow('expected utterances, found none');
});

testShared('weights and penalties are searched over lattices', async () => {
  const lattices = await table(readCompactLattices, 'noisy/lat.ark');
  const symbols = parseSymbols(readFileSync(shared('golden/decode/words.txt')));
  const refs = readTextTable('decode/ref.txt');
  const results = searchScales(lattices, refs, (label) => symbols.symbol(label)!, {
    lmWeights: [1, 2, 5],
    penalties: [0, 1],
  });
  expect(results.length).toBe(6);
  const rates = results.map((r) => r.score.total.rate);
  expect(rates).toEqual([...rates].sort((a, b) => a - b));
  const page = errorReport(results[0]!.score, { lattices, wordOf: (label) => symbols.symbol(label)! });
  expect(page.match(/<svg /g)!.length).toBeGreaterThan(0);
});

test('ctm and TextGrid', () => {
  const entries = [{ utterance: 'u', channel: '1', start: 0.5, duration: 0.25, word: 'hi', confidence: 0.9 }];
  expect(formatCtm(entries)).toBe('u 1 0.50 0.25 hi 0.90\n');
  expect(parseCtm(`;; comment\n${formatCtm(entries)}`)).toEqual(entries);
  const grid = formatTextGrid([{ name: 'words', intervals: [{ start: 0.5, end: 0.75, text: 'say "hi"' }] }], 1);
  expect(grid).toContain('        intervals: size = 3\n');
  expect(grid).toContain('            text = "say ""hi"""\n');
  expect(grid.startsWith('File type = "ooTextFile"\nObject class = "TextGrid"\n')).toBe(true);
});
