import { Worker } from 'node:worker_threads';
import type { StageOptions } from '../stage.js';
import type { WorkerItems, WorkerModule } from './worker-items.js';

export interface FromWorkersOptions extends StageOptions {
  /** Threads; 0 makes the items in this one. Default 1. The items and their order are the same for any number. */
  readonly workers?: number | undefined;
  /** Items that each worker makes ahead of the consumer. Default 3. */
  readonly ahead?: number | undefined;
  /** Begins at this item, without making those before. Default 0. */
  readonly from?: number | undefined;
}

/** What a worker says. */
export type Answer =
  | { readonly type: 'open'; readonly count: number }
  | { readonly type: 'item'; readonly item: unknown }
  | { readonly type: 'error'; readonly name: string; readonly message: string; readonly code: unknown };

/**
 * Items that worker threads make ahead while this thread does something else, in the order of their numbers. Typed
 * arrays are handed over, not copied.
 *
 * @param module exports `open(data)`, which gives the number of items and makes each by its number; in each worker
 * @param data plain values that every worker gets
 * @throws what `open` or `item` throw, by name, message and code
 * @example
 * ```ts
 * // squares.js: export const open = ({ count }) => ({ count, item: (i) => Float32Array.of(i * i) });
 * for await (const square of fromWorkers(new URL('./squares.js', import.meta.url), { count: 10 }, { workers: 2 })) use(square);
 * ```
 */
export async function* fromWorkers<T>(
  module: URL,
  data: unknown,
  { workers = 1, ahead = 3, from = 0, signal }: FromWorkersOptions = {},
): AsyncGenerator<T> {
  if (workers < 1) {
    const { open } = (await import(module.href)) as WorkerModule<T>;
    yield* inThisThread(await open(data), from, signal);
    return;
  }
  const threads = Array.from({ length: workers }, () => new ItemThread<T>(module, data));
  const abort = (): void => threads.forEach((thread) => thread.fail(signal!.reason));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    const count = (await Promise.all(threads.map((thread) => thread.opened)))[0]!;
    const thread = (i: number): ItemThread<T> => threads[(i - from) % workers]!;
    let asked = from;
    for (let i = from; i < count; i++) {
      for (; asked < count && asked < i + ahead * workers; asked++) thread(asked).ask(asked);
      yield await thread(i).next();
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await Promise.all(threads.map((one) => one.close()));
  }
}

async function* inThisThread<T>(
  items: WorkerItems<T>,
  from: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  for (let i = from; i < items.count; i++) {
    signal?.throwIfAborted();
    yield await items.item(i);
  }
}

/** One worker, asked for items and answering in the same order. */
class ItemThread<T> {
  /** The number of items there are. */
  readonly opened: Promise<number>;
  private readonly worker: Worker;
  private readonly answers: unknown[] = [];
  private waiting: { resolve: (answer: unknown) => void; reject: (reason: unknown) => void } | undefined;
  private failure: { readonly reason: unknown } | undefined;

  constructor(module: URL, data: unknown) {
    this.worker = new Worker(new URL('./item-worker.js', import.meta.url), {
      workerData: { module: module.href, data },
    });
    this.worker.on('message', (answer: Answer) => {
      if (answer.type === 'error')
        this.fail(Object.assign(new Error(answer.message), { name: answer.name, code: answer.code }));
      else this.answer(answer.type === 'open' ? answer.count : answer.item);
    });
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('a worker thread ended before its work was done')));
    this.opened = this.next() as Promise<unknown> as Promise<number>;
    // Its failure is told to whoever asks; when another worker failed first nobody does.
    this.opened.catch(() => undefined);
  }

  ask(index: number): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.worker.postMessage(index);
  }

  next(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.answers.length > 0) resolve(this.answers.shift() as T);
      else if (this.failure) reject(this.failure.reason);
      else this.waiting = { resolve: resolve as (answer: unknown) => void, reject };
    });
  }

  private answer(value: unknown): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) waiting.resolve(value);
    else this.answers.push(value);
  }

  fail(reason: unknown): void {
    this.failure ??= { reason };
    this.waiting?.reject(reason);
    this.waiting = undefined;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}
