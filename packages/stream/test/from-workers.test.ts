import { collect, map } from '@jebena/stream';
import { fromWorkers, type FromWorkersOptions } from '@jebena/stream/node';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';

interface Square {
  readonly key: string;
  readonly values: Float32Array;
  readonly view: Float32Array;
  readonly own: Int32Array;
}

const module = new URL('fixtures/squares.mjs', import.meta.url);
const squares = (data: { count: number; failAt?: number }, options?: FromWorkersOptions): AsyncIterable<Square> =>
  fromWorkers<Square>(module, data, options);

test('items come in order, the same for any number of workers and from any item on', async () => {
  const count = 20;
  const whole = await collect(squares({ count }, { workers: 0 }));
  expect(whole.map(({ key }) => key)).toEqual(Array.from({ length: count }, (_, i) => `item-${i}`));
  for (const [workers, from] of [
    [1, 0],
    [3, 0],
    [2, 7],
    [3, 19],
  ] as const) {
    const items = await collect(squares({ count }, { workers, from, ahead: 2 }));
    expect(items).toEqual(whole.slice(from));
  }
  expect(await collect(squares({ count }, { workers: 2, from: count }))).toEqual([]);
  expect(
    await pipe(
      squares({ count: 3 }),
      map((s: Square) => s.values[1]!),
      collect,
    ),
  ).toEqual([0, 1, 4]);
});

test('errors reach the consumer with name and code, after the items before them', async () => {
  const seen: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const { key } of squares({ count: 9, failAt: 4 }, { workers: 2 })) seen.push(key);
  };
  await expect(reading()).rejects.toMatchObject({ message: 'item 4 is torn', code: 'ERR_TORN' });
  expect(seen).toEqual(['item-0', 'item-1', 'item-2', 'item-3']);
  await expect(collect(squares({ count: -1 }))).rejects.toMatchObject({ name: 'RangeError', code: 'ERR_COUNT' });
});

test('a break ends the threads, an abort a parked read', async () => {
  for await (const { key } of squares({ count: 100 }, { workers: 2 })) if (key === 'item-2') break;
  const stop = new AbortController();
  const reading = async (): Promise<void> => {
    for await (const { key } of squares({ count: 1e6 }, { workers: 2, signal: stop.signal }))
      if (key === 'item-5') stop.abort(new Error('enough'));
  };
  await expect(reading()).rejects.toThrow('enough');
});
