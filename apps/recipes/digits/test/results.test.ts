import { expect, test } from 'vitest';
import { scoreHypotheses } from '../evaluate.js';
import { errorLine } from '../results.js';

const hypothesis = (id: string, speaker: string, reference: string, words: string) => ({
  id,
  speaker,
  reference: reference.split(' '),
  words: words.split(' ').filter(Boolean),
  times: [],
});

test('errors are counted in all, by speaker and by digit', () => {
  const result = scoreHypotheses('test', [
    hypothesis('a', 'x', 'one two three', 'one two three'),
    hypothesis('b', 'y', 'four five', 'four nine six'),
    hypothesis('c', 'y', 'seven', ''),
  ]);
  expect(errorLine(result)).toBe('WER test 50.00 % [ 3 / 6, 1 ins, 1 del, 1 sub ]');
  expect(result.speakers['x']).toEqual({ words: 3, insertions: 0, deletions: 0, substitutions: 0 });
  expect(result.speakers['y']).toEqual({ words: 3, insertions: 1, deletions: 1, substitutions: 1 });
  expect(result.confusion['one']).toEqual({ one: 1 });
  expect(result.confusion['seven']).toEqual({ '': 1 });
});
