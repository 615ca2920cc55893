import type { Item } from '@jebena/stream';
import { unzipSync, zipSync } from 'fflate';
import { KaldiIoError, type Place } from './errors.js';
import { type NumpyArray, readNpy, writeNpy } from './npy.js';

/** No deflated file is smaller than this part of what it holds. */
const mostDeflated = 1032;

/**
 * The arrays of a .npz file by name, packed or not (numpy.savez, numpy.savez_compressed).
 *
 * @throws KaldiIoError where the file is torn or holds other things than arrays
 */
export function* readNpz(bytes: Uint8Array, place: Place = {}): Generator<Item<NumpyArray>> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (originalSize > size * mostDeflated + 64 || size > bytes.length)
          throw new KaldiIoError(`at most ${size * mostDeflated} bytes in '${name}'`, String(originalSize), place);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof KaldiIoError) throw cause;
    throw new KaldiIoError('a whole zip file', String((cause as Error).message), place, { cause });
  }
  for (const [name, file] of Object.entries(files)) {
    const key = name.replace(/\.npy$/, '');
    yield [key, readNpy(file, { ...place, key })];
  }
}

/** The bytes of a .npz file; `compress` packs it as numpy.savez_compressed does. */
export async function npzBytes(
  source: AsyncIterable<Item<NumpyArray>> | Iterable<Item<NumpyArray>>,
  { compress = false }: { compress?: boolean } = {},
): Promise<Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for await (const [key, array] of source) files[`${key}.npy`] = writeNpy(array);
  // A fixed date: the same arrays give the same bytes.
  return zipSync(files, { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1) });
}
