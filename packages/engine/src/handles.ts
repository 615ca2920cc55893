import type { RowIndex, Tensor } from './engine.js';
import { EngineError } from './errors.js';

/** A tensor or row index of one engine: `handle` is what its kernels work on. */
abstract class Held<H> {
  /** Undefined once freed or consumed. */
  handle: H | undefined;
  kept = false;
  /** What the enclosing `tidy` holds. */
  scope: Held<unknown>[] | undefined;
  constructor(handle: H) {
    this.handle = handle;
  }
  /** @throws EngineError `ERR_ENGINE_DISPOSED` */
  get live(): H {
    if (this.handle === undefined) throw new EngineError('ERR_ENGINE_DISPOSED', 'a freed tensor is used');
    return this.handle;
  }
}

export class HeldTensor<H> extends Held<H> implements Tensor {
  constructor(
    readonly rows: number,
    readonly cols: number,
    handle: H,
  ) {
    super(handle);
  }
}

export class HeldIndex<I> extends Held<I> implements RowIndex {
  readonly length: number;
  /** Largest row named; -1 when all are -1. */
  readonly largest: number;
  constructor(rows: Int32Array, handle: I) {
    super(handle);
    this.length = rows.length;
    this.largest = rows.reduce((a, b) => Math.max(a, b), -1);
  }
}

/** Knows what is alive and frees what a `tidy` leaves behind. */
export class Scopes {
  #open: Held<unknown>[][] = [];
  #live = 0;
  readonly #free: (held: Held<any>) => void;

  constructor(free: (held: Held<any>) => void) {
    this.#free = free;
  }

  get live(): number {
    return this.#live;
  }

  enter<T extends Held<unknown>>(held: T): T {
    this.#live++;
    held.scope = this.#open.at(-1);
    held.scope?.push(held);
    return held;
  }

  /** Gives a handle up without freeing it. */
  release<H>(held: Held<H>): H {
    const handle = held.live;
    this.#forget(held);
    return handle;
  }

  dispose(held: Held<unknown>): void {
    if (held.handle === undefined) return;
    this.#free(held);
    this.#forget(held);
  }

  /** `heir` takes the place of `consumed`, whose handle it may share: it is kept, or tidied, as that was. */
  inherit<T extends Held<unknown>>(consumed: Held<unknown>, heir: T): T {
    if (consumed.handle === heir.handle) this.#forget(consumed);
    else this.dispose(consumed);
    this.#live++;
    heir.kept = consumed.kept;
    heir.scope = consumed.scope;
    heir.scope?.push(heir);
    return heir;
  }

  tidy<T>(fn: () => T): T {
    const made: Held<unknown>[] = [];
    this.#open.push(made);
    let result: T | undefined;
    try {
      result = fn();
      if (result instanceof Promise) throw new TypeError('tidy: the function must not be async');
      return result;
    } finally {
      this.#open.pop();
      const returned = new Set<unknown>();
      if (made.length > 0) collect(result, returned);
      const outer = this.#open.at(-1);
      for (const held of made) {
        if (held.handle === undefined || held.kept) continue;
        held.scope = outer;
        if (returned.has(held)) outer?.push(held);
        else this.dispose(held);
      }
    }
  }

  #forget(held: Held<unknown>): void {
    held.handle = undefined;
    this.#live--;
  }
}

function collect(value: unknown, into: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || into.has(value) || ArrayBuffer.isView(value)) return;
  into.add(value);
  if (!(value instanceof Held)) for (const part of Object.values(value)) collect(part, into);
}
