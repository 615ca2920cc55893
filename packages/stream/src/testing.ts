import type { Stage, StageOptions } from './stage.js';

/** What `testStage` needs to know of a stage. */
export interface StageUnderTest<A, B> {
  /** Makes the stage anew. */
  readonly make: (options?: StageOptions) => Stage<A, B>;
  /** Items that yield at least one result in all; more than one item. */
  readonly items: readonly A[];
  /** True when the stage takes an AbortSignal in its options. */
  readonly abortable?: boolean;
  /** A live resource (tensors, files) that must be as before when the stage has closed. */
  readonly live?: () => number;
  /** How many items beyond those it needs a stage may read; 0 unless it is a buffer by design. */
  readonly readAhead?: number;
}

const assert = (ok: boolean, what: string): void => {
  if (!ok) throw new Error(`stage contract: ${what}`);
};

function probe<A>(
  items: readonly A[],
  fail?: Error,
): { source: AsyncIterable<A>; seen: { pulled: number; closed: number } } {
  const seen = { pulled: 0, closed: 0 };
  const source: AsyncIterable<A> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const i = seen.pulled++;
        if (i < items.length) return { done: false, value: items[i]! };
        if (fail) throw fail;
        return { done: true, value: undefined };
      },
      return: async () => {
        seen.closed++;
        return { done: true, value: undefined };
      },
    }),
  };
  return { source, seen };
}

async function drain<B>(source: AsyncIterable<B>, most = Infinity): Promise<B[]> {
  const out: B[] = [];
  for await (const item of source) if (out.push(item) >= most) break;
  return out;
}

/**
 * The contract of every stage in the repository, asserted: a break closes the source, also before the first item;
 * an error of the source reaches the consumer unchanged; an abort ends a parked read; nothing is read ahead;
 * two runs give the same results; live resources are freed.
 *
 * @throws Error naming the clause that does not hold
 */
export async function testStage<A, B>({
  make,
  items,
  abortable,
  live,
  readAhead = 0,
}: StageUnderTest<A, B>): Promise<void> {
  const before = live?.() ?? 0;
  const whole = await drain(make()(probe(items).source));
  assert(whole.length > 0, 'the test items give no result');
  const again = await drain(make()(items));
  assert(JSON.stringify(again) === JSON.stringify(whole), 'a plain iterable gives other results than an async one');

  const broken = probe(items);
  await drain(make()(broken.source), 1);
  const exhausted = broken.seen.pulled > items.length;
  assert(exhausted || broken.seen.closed === 1, 'a break does not close the source exactly once');

  const unread = probe(items);
  const iterator = make()(unread.source)[Symbol.asyncIterator]();
  assert(unread.seen.pulled === 0, 'items are read before the first pull');
  await iterator.return?.();
  assert((await iterator.next()).done === true, 'a closed stage still yields');
  assert(unread.seen.pulled <= readAhead, 'a stage closed before its first pull read its source');

  const torn = new Error('torn');
  let caught: unknown;
  await drain(make()(probe(items, torn).source)).catch((error: unknown) => (caught = error));
  assert(caught === torn, 'an error of the source does not reach the consumer unchanged');

  if (abortable) await assertAbort(make);
  assert((live?.() ?? 0) === before, 'live resources are left behind');
}

async function assertAbort<A, B>(make: (options?: StageOptions) => Stage<A, B>): Promise<void> {
  const reason = new Error('stop');
  const controller = new AbortController();
  const parked: AsyncIterable<A> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
  };
  let caught: unknown;
  const run = drain(make({ signal: controller.signal })(parked)).catch((error: unknown) => (caught = error));
  await Promise.resolve();
  controller.abort(reason);
  await run;
  assert(caught === reason, 'an abort does not end a parked read');
}
