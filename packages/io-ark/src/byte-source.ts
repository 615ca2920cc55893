/**
 * Bytes from anywhere: an array in memory, an async iterable of chunks (a file, a socket), a web stream (`response.body`)
 * or anything with a `stream()` (a browser's File or Blob).
 */
export type ByteSource =
  | Uint8Array
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | ReadableStreamLike
  | { stream(): ReadableStreamLike };

/** The part of a web ReadableStream that is used; Safari's is not an async iterable. */
export interface ReadableStreamLike {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** The chunks of a source. */
export function chunksOf(source: ByteSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (source instanceof Uint8Array) return [source];
  if (Symbol.asyncIterator in source || Symbol.iterator in source) return source;
  return fromWebStream('stream' in source ? source.stream() : source);
}

async function* fromWebStream(stream: ReadableStreamLike): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const read = await reader.read();
      done = read.done;
      if (done) return;
      yield read.value!;
    }
  } finally {
    if (!done) await reader.cancel();
  }
}
