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

test('a stage frees what it holds once, however it ends', async () => {
  let freed = 0;
  const holding = (): Stage<number, number> => stage(() => ({ push: (x: number) => [x], close: () => void freed++ }));
  await collect(holding()([1, 2]));
  expect(freed).toBe(1);
  for await (const x of holding()([1, 2])) if (x === 1) break;
  expect(freed).toBe(2);
  const failing = stage(() => ({
    push: (): number[] => {
      throw new Error('bad item');
    },
    close: () => void freed++,
  }));
  await expect(collect(failing([1]))).rejects.toThrow('bad item');
  expect(freed).toBe(3);
});

test('a stage that is closed while it computes frees what it holds afterwards', async () => {
  const order: string[] = [];
  let finish = (): void => undefined;
  const slow = stage(() => ({
    push: async (x: number) => {
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('made');
      return [x];
    },
    close: () => void order.push('freed'),
  }));
  const it = slow([1])[Symbol.asyncIterator]();
  const next = it.next();
  await new Promise((resolve) => setImmediate(resolve));
  const closed = it.return!();
  finish();
  await Promise.all([next, closed]);
  expect(order).toEqual(['made', 'freed']);
});
