import { Random } from '@jebena/egs';
import { expect, test } from 'vitest';

const spread = (make: (i: number) => Random): number[] => {
  const counts = Array<number>(8).fill(0);
  for (let i = 0; i < 4000; i++) {
    const random = make(i);
    counts[4 * random.below(2) + 2 * random.below(2) + random.below(2)]!++;
  }
  return counts;
};

test('first draws are even over seeds, high seeds and names', () => {
  for (const make of [
    (i: number) => Random.of(i, 'utt'),
    (i: number) => Random.of(i * 2 ** 32),
    (i: number) => Random.of(1, `utt${i}`),
  ])
    for (const count of spread(make)) expect(Math.abs(count - 500)).toBeLessThan(100);
});

test('a restored generator goes on as the first would', () => {
  const random = Random.of(3, 'x');
  random.unit();
  const copy = Random.from(random.state);
  expect([copy.unit(), copy.below(1000), copy.shuffle([1, 2, 3, 4, 5])]).toEqual([
    random.unit(),
    random.below(1000),
    random.shuffle([1, 2, 3, 4, 5]),
  ]);
});
