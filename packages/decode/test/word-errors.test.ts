import { compareWords, WordErrorRate } from '@jebena/decode';
import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { shared, testShared } from '../../../test/support/shared.js';
import { readTextTable } from './support/golden.js';

testShared("wer.out is Kaldi's", () => {
  const hyps = readTextTable('decode/wer.hyp');
  const wer = new WordErrorRate();
  for (const [key, ref] of readTextTable('decode/wer.ref')) wer.add(compareWords(ref, hyps.get(key)!));
  const lines = `${wer}\n${wer.sentenceLine()}\n`;
  expect(readFileSync(shared('golden/decode/wer.out'), 'utf8').startsWith(lines)).toBe(true);
});

test('an alignment tells what became of every word', () => {
  const { alignment, ...counts } = compareWords('a b c d'.split(' '), 'a x c d e'.split(' '));
  expect(counts).toEqual({ insertions: 1, deletions: 0, substitutions: 1, correct: 3, refLength: 4 });
  expect(alignment.map((p) => p.kind)).toEqual(['cor', 'sub', 'cor', 'cor', 'ins']);
  expect(compareWords([], [1]).insertions).toBe(1);
  expect(compareWords([1, 2], []).deletions).toBe(2);
});

test('the line is the one that scripts parse', () => {
  const wer = new WordErrorRate();
  wer.add({ insertions: 0, deletions: 0, substitutions: 1, refLength: 250 });
  expect(`${wer}`).toBe('%WER 0.40 [ 1 / 250, 0 ins, 0 del, 1 sub ]');
  expect(`${new WordErrorRate()}`).toBe('%WER nan [ 0 / 0, 0 ins, 0 del, 0 sub ]');
});
