import type { Item } from '@jebena/stream';

/** Values by key: a map, anything with `get(key)`, or a table that is read along. */
export type Lookup<T> =
  | { get(key: string): T | undefined | Promise<T | undefined> }
  | AsyncIterable<Item<T>>
  | Iterable<Item<T>>;

/** Values by key, and a table behind them that may have to be closed. */
export interface KeyedLookup<T> {
  get(key: string): T | undefined | Promise<T | undefined>;
  close(): Promise<void>;
}

/**
 * Looks values up. A table is read forward as far as needed: where it is sorted as the keys asked for are, one item
 * is held at a time; an item that is skipped is held until it is asked for.
 */
export function lookup<T>(source: Lookup<T>): KeyedLookup<T> {
  if ('get' in source) return { get: (key) => source.get(key), close: async () => undefined };
  const held = new Map<string, T>();
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let ended = false;
  return {
    async get(key) {
      while (!held.has(key) && !ended) {
        const { done, value } = await iterator.next();
        if (done) ended = true;
        else held.set(value[0], value[1]);
      }
      const value = held.get(key);
      held.delete(key);
      return value;
    },
    async close() {
      held.clear();
      if (!ended) await iterator.return?.();
      ended = true;
    },
  };
}
