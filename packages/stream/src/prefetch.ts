import type { Stage } from './stage.js';

/**
 * Reads up to `count` items ahead of the consumer. Filling starts with the first pull; an error of the source
 * reaches the consumer after the items that were read before it.
 *
 * @param count items held at most, 1 or more
 */
export function prefetch<T>(count: number): Stage<T, T> {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`prefetch: expected a count of 1 or more, found ${count}`);
  return async function* (source) {
    const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    const reads: Promise<IteratorResult<T>>[] = [];
    let open = true;
    const fill = (): void => {
      while (open && reads.length < count) {
        // Each read waits for the one before it, so that sources need not expect calls side by side.
        const read = (reads.at(-1) ?? Promise.resolve()).then(() => iterator.next());
        read.then(
          (r) => void (open &&= !r.done),
          () => void (open = false),
        );
        reads.push(read);
      }
    };
    try {
      for (;;) {
        fill();
        const read = reads.shift();
        if (!read) return;
        const { done, value } = await read;
        if (done) return;
        yield value;
      }
    } finally {
      open = false;
      for (const read of reads) read.catch(() => undefined);
      await iterator.return?.();
    }
  };
}
