import { type Minibatch, type UtteranceExample, wholeSequences, withTargets } from '@jebena/egs';
import { addTables, type Matrix, type RandomAccessTable } from '@jebena/io-ark';
import { collect, type Item } from '@jebena/stream';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';

const ones = (rows: number): Matrix => ({ rows, cols: 1, data: new Float32Array(rows).fill(1) });
const feats: Item<Matrix>[] = [
  ['a', ones(3)],
  ['b', ones(5)],
];

test('tables are added inside pipe', async () => {
  const other = { get: async (key: string) => feats.find(([k]) => k === key)?.[1] } as RandomAccessTable<Matrix>;
  const sums = await pipe(feats, addTables([other], { scales: [1, 2] }), collect<Item<Matrix>>);
  expect(sums.map(([key, m]) => [key, [...m.data]])).toEqual([
    ['a', [3, 3, 3]],
    ['b', [3, 3, 3, 3, 3]],
  ]);
});

test('whole sequences are batched inside pipe', async () => {
  const labels = new Map(feats.map(([key, m]) => [key, new Int32Array(m.rows)]));
  const utterances = await pipe(feats, withTargets(labels, { dim: 1 }), collect<UtteranceExample>);
  const batches = await pipe(utterances, wholeSequences({ framesPerBatch: 100 }), collect<Minibatch>);
  expect(batches.reduce((n, b) => n + b.sequences, 0)).toBe(2);
});
