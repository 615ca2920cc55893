import { type Stage, type StageOptions, stage } from './stage.js';

/** A stage that applies a function to each item. */
export const map = <A, B>(fn: (item: A) => B | Promise<B>, options?: StageOptions): Stage<A, B> =>
  stage(() => ({ push: async (item: A) => [await fn(item)] }), options);

/** A stage that applies a function to the value of each table item and keeps the key. */
export const mapValues = <A, B>(
  fn: (value: A, key: string) => B | Promise<B>,
  options?: StageOptions,
): Stage<readonly [string, A], readonly [string, B]> =>
  map(async ([key, value]) => [key, await fn(value, key)] as const, options);

/** Reads a whole pipeline into an array. */
export async function collect<T>(source: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}
