/** What a reader asked for beyond its input's size. */
class AllocationError extends Error {}

const names = [
  'Uint8Array',
  'Int8Array',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'ArrayBuffer',
];

/** Makes typed arrays and buffers refuse, from now on, to be made larger in all than the limit says. */
export function watchAllocations() {
  let left = Infinity;
  for (const name of names) {
    const Original = globalThis[name];
    globalThis[name] = new Proxy(Original, {
      construct(target, args, newTarget) {
        const [size] = args;
        if (typeof size === 'number') {
          left -= size * (Original.BYTES_PER_ELEMENT ?? 1);
          if (left < 0) throw new AllocationError(`asked for ${size} elements of ${name}`);
        }
        return Reflect.construct(target, args, newTarget === globalThis[name] ? target : newTarget);
      },
    });
  }
  const limit = (bytes) => void (left = bytes);
  const assertWatching = () => {
    limit(8);
    for (const name of names)
      try {
        void new globalThis[name](100);
        throw new Error(`${name} is not watched`);
      } catch (error) {
        if (!(error instanceof AllocationError)) throw error;
      } finally {
        limit(8);
      }
    limit(Infinity);
  };
  return { limit, assertWatching };
}
