import { KaldiIoError } from './errors.js';
import type { Holder } from './holder.js';
import { KaldiOutput } from './kaldi-output.js';
import type { Storage } from './storage.js';
import { ValueReader } from './value-reader.js';

/**
 * Reads one value from a file, an offset in one, or standard input: what Kaldi calls an rxfilename.
 *
 * @example await readObject(matrixHolder, 'feats.ark:1234[0:9]', { storage });
 */
export async function readObject<V>(holder: Holder<V, never>, location: string, storage: Storage): Promise<V> {
  const values = new ValueReader(holder, storage);
  try {
    return await values.read(location);
  } finally {
    await values.close();
  }
}

/** Writes one value to a file of its own, or to standard output (`-`). */
export async function writeObject<W>(
  holder: Holder<unknown, W>,
  name: string,
  value: W,
  storage: Storage,
  { binary = true }: { binary?: boolean } = {},
): Promise<void> {
  const output = new KaldiOutput({ binary, mark: !holder.unmarked });
  holder.write(output, value);
  if (!storage.create) throw new KaldiIoError('a storage to write to', 'one to read from', { path: name });
  const sink = await storage.create(name);
  try {
    await sink.write(output.pending());
  } catch (error) {
    await sink.abort();
    throw error;
  }
  await sink.close();
}
