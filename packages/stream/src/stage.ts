/** A step of a pipeline: what it-pipe's `pipe` takes between its source and its sink. */
export type Stage<A, B> = (source: AsyncIterable<A> | Iterable<A>) => AsyncIterable<B>;

/** A source that can be started again, once per epoch say. */
export type Source<T> = () => AsyncIterable<T>;

/** An item of a table: a key (an utterance, a speaker) and its value. */
export type Item<V> = readonly [key: string, value: V];

export interface StageOptions {
  /** Ends a pipeline that is parked on a read; the consumer sees `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A synchronous transformer: the hot loop of a stage, free of promises.
 * `push` may give any number of results; `flush` gives what is left at the end of the input.
 */
export interface Transformer<A, B> {
  push(item: A): Iterable<B> | Promise<Iterable<B>>;
  flush?(): Iterable<B> | Promise<Iterable<B>>;
  /** Frees what is held; called once, however the stage ends; a `push` under way is waited for. */
  close?(): void;
}

const parked = <T>(read: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    read.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });

/**
 * Makes a stage of a transformer. The stage pulls (it never reads ahead), closes its source when the consumer
 * breaks, even before the first item, passes the first error on unchanged, and an abort reaches a parked read.
 *
 * @example
 * ```ts
 * const double = (): Stage<number, number> => stage(() => ({ push: (x: number) => [2 * x] }));
 * for await (const x of double()([1, 2])) console.log(x); // 2, 4
 * ```
 */
export function stage<A, B>(make: () => Transformer<A, B>, { signal }: StageOptions = {}): Stage<A, B> {
  return (source) => new StageIterator(source, make, signal);
}

class StageIterator<A, B> implements AsyncIterableIterator<B> {
  #source: AsyncIterator<A> | Iterator<A> | undefined;
  #transformer: Transformer<A, B> | undefined;
  #ready: Iterator<B> = [][Symbol.iterator]();
  #ended = false;
  #closed = false;
  #turn: Promise<unknown> = Promise.resolve();
  #making: Promise<unknown> = Promise.resolve();
  constructor(
    private readonly input: AsyncIterable<A> | Iterable<A>,
    private readonly make: () => Transformer<A, B>,
    private readonly signal: AbortSignal | undefined,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<B>> {
    const result = this.#turn.then(() => this.#pull());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #pull(): Promise<IteratorResult<B>> {
    try {
      for (;;) {
        if (this.#closed) return { done: true, value: undefined };
        this.signal?.throwIfAborted();
        const ready = this.#ready.next();
        if (!ready.done) return { done: false, value: ready.value };
        if (this.#ended) return await this.return();
        await this.#advance();
      }
    } catch (error) {
      await this.return().catch(() => undefined);
      throw error;
    }
  }

  async #advance(): Promise<void> {
    const source = (this.#source ??= open(this.input));
    const transformer = (this.#transformer ??= this.make());
    const read = Promise.resolve(source.next());
    const { done, value } = await (this.signal ? parked(read, this.signal) : read);
    this.#ended = done === true;
    if (this.#closed) return;
    const made = done ? (transformer.flush?.() ?? []) : transformer.push(value);
    this.#making = Promise.resolve(made).catch(() => undefined);
    this.#ready = (await made)[Symbol.iterator]();
  }

  /** Closes the source once. A source that is parked on a read is told to close, not waited for. */
  async return(): Promise<IteratorResult<B>> {
    if (!this.#closed) {
      this.#closed = true;
      this.#ready.return?.();
      await this.#making;
      this.#transformer?.close?.();
      if (!this.#ended) {
        const closing = Promise.resolve((this.#source ??= open(this.input)).return?.());
        if (this.signal?.aborted) closing.catch(() => undefined);
        else await closing;
      }
    }
    return { done: true, value: undefined };
  }
}

function open<A>(input: AsyncIterable<A> | Iterable<A>): AsyncIterator<A> | Iterator<A> {
  return Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
}
