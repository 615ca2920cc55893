/** What messages go through: a worker, a worker's own `self`, or one end of a MessageChannel. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  /** Ports of a MessageChannel wait for it. */
  start?(): void;
}

/** What can be called over a port, by name; one that gives an AsyncGenerator is followed item by item. */
export type Methods = Record<string, (...given: never[]) => unknown>;

/** Names of methods that give one answer. */
type Plain<M> = { [K in keyof M]: M[K] extends (...given: never[]) => AsyncGenerator ? never : K }[keyof M];
/** Names of methods that give items. */
type Generating<M> = Exclude<keyof M, Plain<M>>;
type Given<F> = F extends (...given: infer A) => unknown ? A : never;
type Result<F> = F extends (...given: never[]) => infer R ? Awaited<R> : never;
type ItemOf<F> = F extends (...given: never[]) => AsyncGenerator<infer T> ? T : never;

type Request =
  | { readonly id: number; readonly method: string; readonly given: readonly unknown[] }
  | { readonly id: number; readonly cancel: true };
type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly item: unknown }
  | {
      readonly id: number;
      readonly error: { readonly message: string; readonly name: string; readonly code?: string };
    };

/** An error that was thrown at the other end; `code` and `name` are those it had there. */
export class RemoteError extends Error {
  readonly code: string | undefined;
  constructor(error: { readonly message: string; readonly name: string; readonly code?: string }) {
    super(error.message);
    this.name = error.name;
    this.code = error.code;
  }
}

const isAsyncIterable = (value: unknown): value is AsyncGenerator =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const errorOf = (error: unknown): { message: string; name: string; code?: string } => {
  const { message = String(error), name = 'Error', code } = error as Partial<Error> & { code?: unknown };
  return { message, name, ...(typeof code === 'string' && { code }) };
};

/** Answers calls that come through a port. */
export function answerCalls(port: Port, methods: Methods): void {
  const running = new Map<number, AsyncGenerator>();
  const answer = (message: Answer): void => port.postMessage(message);
  const call = async ({ id, method, given }: Extract<Request, { method: string }>): Promise<void> => {
    try {
      const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (!found) throw new RangeError(`expected a method, found '${method}'`);
      const result = found(...(given as never[]));
      if (!isAsyncIterable(result)) return answer({ id, result: await result });
      running.set(id, result);
      for await (const item of result) answer({ id, item });
      answer({ id, result: undefined });
    } catch (error) {
      answer({ id, error: errorOf(error) });
    } finally {
      running.delete(id);
    }
  };
  port.addEventListener('message', ({ data }: MessageEvent<Request>) => {
    if ('cancel' in data) void running.get(data.id)?.return(undefined);
    else void call(data);
  });
  port.start?.();
}

interface Waiting {
  readonly done: (result: unknown) => void;
  readonly fail: (error: Error) => void;
  readonly item: (item: unknown) => void;
}

/** Calls what {@link answerCalls} answers at the other end of a port. */
export class Caller<M extends object> {
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;

  constructor(private readonly port: Port) {
    port.addEventListener('message', this.take);
    port.start?.();
  }

  private readonly take = ({ data }: MessageEvent<Answer>): void => {
    const waiting = this.waiting.get(data.id);
    if (!waiting) return;
    if ('item' in data) return waiting.item(data.item);
    this.waiting.delete(data.id);
    if ('error' in data) waiting.fail(new RemoteError(data.error));
    else waiting.done(data.result);
  };

  call<K extends Plain<M>>(method: K, ...given: Given<M[K]>): Promise<Result<M[K]>> {
    return new Promise((done, fail) => {
      this.send(method, given, { done: done as Waiting['done'], fail, item: () => undefined });
    });
  }

  /** Items as they come; to stop reading stops the other end too. */
  async *items<K extends Generating<M>>(method: K, ...given: Given<M[K]>): AsyncGenerator<ItemOf<M[K]>, void, void> {
    const queue: ItemOf<M[K]>[] = [];
    let ended = false;
    let failed: Error | undefined;
    let wake = (): void => undefined;
    const end = (error?: Error): void => {
      ended = true;
      failed = error;
      wake();
    };
    const id = this.send(method, given, {
      done: () => end(),
      fail: end,
      item: (item) => {
        queue.push(item as ItemOf<M[K]>);
        wake();
      },
    });
    try {
      for (;;) {
        const item = queue.shift();
        if (item !== undefined) yield item;
        else if (failed) throw failed;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      if (!ended) this.port.postMessage({ id, cancel: true } satisfies Request, []);
    }
  }

  private send(method: PropertyKey, given: readonly unknown[], waiting: Waiting): number {
    const id = this.calls++;
    this.waiting.set(id, waiting);
    this.port.postMessage({ id, method: String(method), given } satisfies Request, []);
    return id;
  }

  /** Fails all calls that wait for an answer, and takes no more answers: for a worker that died or was ended. */
  close(error: Error): void {
    this.port.removeEventListener('message', this.take);
    for (const { fail } of this.waiting.values()) fail(error);
    this.waiting.clear();
  }
}
