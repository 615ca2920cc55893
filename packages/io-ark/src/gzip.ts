import { type ByteSource, chunksOf } from './byte-source.js';
import { KaldiIoError } from './errors.js';

/**
 * Unpacks a source if it begins as gzip does, and passes it on as it is if not. Uses the platform's DecompressionStream,
 * which checks length and checksum.
 */
export async function* gunzip(source: ByteSource, path?: string): AsyncGenerator<Uint8Array> {
  const chunks = chunksOf(source);
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  let ended = false;
  const next = async (): Promise<Uint8Array | undefined> => {
    const { done, value } = await iterator.next();
    ended = done === true;
    return done ? undefined : value;
  };
  try {
    let first = await next();
    while (first && first.length < 2) {
      // A copy: the source may use its memory again.
      const begun = Uint8Array.from(first);
      const more = await next();
      first = new Uint8Array(begun.length + (more?.length ?? 0));
      first.set(begun);
      if (!more) break;
      first.set(more, begun.length);
    }
    if (first?.[0] === 0x1f && first[1] === 0x8b) yield* unpack(first, next, path);
    else for (let chunk = first; chunk; chunk = await next()) yield chunk;
  } finally {
    if (!ended) await iterator.return?.();
  }
}

async function* unpack(
  first: Uint8Array,
  next: () => Promise<Uint8Array | undefined>,
  path: string | undefined,
): AsyncGenerator<Uint8Array> {
  const unpacker = new DecompressionStream('gzip');
  const writer = unpacker.writable.getWriter();
  let wrong: { error: unknown } | undefined;
  const feed = async (): Promise<void> => {
    try {
      for (let chunk: Uint8Array | undefined = first; chunk; chunk = await next()) {
        try {
          // A copy: the source may use its memory again before all of it is unpacked.
          await writer.write(Uint8Array.from(chunk));
        } catch {
          return; // The reader sees why.
        }
      }
      await writer.close().catch(() => undefined);
    } catch (error) {
      wrong = { error };
      await writer.abort(error).catch(() => undefined);
    }
  };
  const feeding = feed();
  const reader = unpacker.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value as Uint8Array;
    }
  } catch (cause) {
    if (wrong) throw wrong.error;
    throw new KaldiIoError('whole gzip data', String((cause as Error).message), { path }, { cause });
  } finally {
    await reader.cancel().catch(() => undefined);
    await feeding;
  }
}
