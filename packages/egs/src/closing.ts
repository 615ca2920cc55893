/** The same items; `close` is called once, when they end, fail or are broken off. */
export function closing<T>(items: AsyncIterable<T>, close: () => void | Promise<void>): AsyncIterableIterator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let closed = false;
  const end = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await close();
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const result = await iterator.next();
        if (result.done) await end();
        return result;
      } catch (error) {
        await end();
        throw error;
      }
    },
    async return() {
      await iterator.return?.();
      await end();
      return { done: true, value: undefined };
    },
  };
}
