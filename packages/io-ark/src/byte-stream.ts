import { type ByteSource, chunksOf } from './byte-source.js';
import type { Place } from './errors.js';
import { KaldiInput } from './kaldi-input.js';
import { NeedMore } from './need-more.js';

/** A window over a stream of bytes that parses values out of it and holds no more than one value and one chunk. */
export class ByteStream {
  #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;
  #ended = false;
  /** Offset of the window's first unread byte from the start of the source. */
  position = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly path?: string | undefined,
  ) {}

  /**
   * Reads one value with `read`, waiting for bytes only where they are wanted.
   *
   * @param binary as in {@link KaldiInput}
   */
  parse<T>(read: (input: KaldiInput) => T, key?: string, binary?: boolean): T | Promise<T> {
    try {
      return this.#attempt(read, key, binary);
    } catch (error) {
      if (!(error instanceof NeedMore)) throw error;
      return this.#parseSlowly(read, key, binary, error.bytes);
    }
  }

  async #parseSlowly<T>(
    read: (i: KaldiInput) => T,
    key: string | undefined,
    binary: boolean | undefined,
    need: number,
  ) {
    for (;;) {
      await this.#grow(need);
      try {
        return this.#attempt(read, key, binary);
      } catch (error) {
        if (!(error instanceof NeedMore)) throw error;
        // A text value does not say how long it is: the window doubles, so that reading it stays linear.
        need = Math.max(error.bytes, 2 * (this.#window.length - this.#start));
      }
    }
  }

  #attempt<T>(read: (input: KaldiInput) => T, key: string | undefined, binary: boolean | undefined): T {
    const place: Place = { path: this.path, key, offset: this.position };
    const input = new KaldiInput(this.#window.subarray(this.#start), place, binary, !this.#ended);
    const value = read(input);
    this.#start += input.offset;
    this.position += input.offset;
    return value;
  }

  /** Reads until the window holds `need` unread bytes or the source ends. */
  async #grow(need: number): Promise<void> {
    const parts = [this.#window.subarray(this.#start)];
    let have = parts[0]!.length;
    const chunks = (this.#chunks ??= iterate(chunksOf(this.source)));
    while (have < need) {
      const { done, value } = await chunks.next();
      if (done) {
        this.#ended = true;
        break;
      }
      parts.push(value);
      have += value.length;
    }
    this.#window = concat(parts, have);
    this.#start = 0;
  }

  /** Closes the source, if it was opened and has not ended. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#window = new Uint8Array(0);
    this.#start = 0;
    // A source that was never begun is closed all the same: it may hold an open file.
    await (this.#chunks ?? iterate(chunksOf(this.source))).return?.();
  }
}

const iterate = <T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> =>
  Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();

function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length === 1) return filled[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of filled) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** All bytes of a source in one array. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  return new ByteStream(source).parse((input) => input.rest(), undefined, true);
}
