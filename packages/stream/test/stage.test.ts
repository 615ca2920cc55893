import { collect, map, mapValues, prefetch, type Stage, stage } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';

const pairs = (): Stage<number, [number, number]> =>
  stage(() => {
    let held: number | undefined;
    return {
      push: (x: number) => {
        if (held === undefined) return (void (held = x), []);
        const pair: [number, number] = [held, x];
        held = undefined;
        return [pair];
      },
    };
  });

test('stages keep the contract', async () => {
  await testStage({ make: () => pairs(), items: [1, 2, 3, 4] });
  await testStage({ make: (o) => map((x: number) => x + 1, o), items: [1, 2, 3], abortable: true });
  await testStage({
    make: (o) => mapValues((x: number) => x + 1, o),
    items: [
      ['a', 1],
      ['b', 2],
    ],
    abortable: true,
  });
  await testStage({ make: () => prefetch<number>(2), items: [1, 2, 3, 4], readAhead: 2 });
});

test('testStage fails a stage that leaks its source', async () => {
  const leaky = (): Stage<number, number> => (source) => {
    const it =
      (source as AsyncIterable<number>)[Symbol.asyncIterator]?.() ?? (source as Iterable<number>)[Symbol.iterator]();
    return { [Symbol.asyncIterator]: () => ({ next: async () => it.next() }) };
  };
  await expect(testStage({ make: leaky, items: [1, 2, 3] })).rejects.toThrow('a break does not close the source');
});

test('runs inside pipe', async () => {
  expect(
    await pipe(
      [1, 2, 3, 4],
      pairs(),
      map(([a, b]: [number, number]) => a * b),
      prefetch(2),
      collect,
    ),
  ).toEqual([2, 12]);
});

test('pulls made side by side get their items in order', async () => {
  const it = map((x: number) => x)([1, 2, 3])[Symbol.asyncIterator]();
  const got = await Promise.all([it.next(), it.next(), it.next(), it.next()]);
  expect(got.map((r) => r.value)).toEqual([1, 2, 3, undefined]);
});

test('an error of a stage closes its source', async () => {
  let closed = false;
  async function* source(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
    } finally {
      closed = true;
    }
  }
  const boom = new Error('boom');
  await expect(
    collect(
      map(() => {
        throw boom;
      })(source()),
    ),
  ).rejects.toBe(boom);
  expect(closed).toBe(true);
});
