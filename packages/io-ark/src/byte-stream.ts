import { type ByteSource, chunksOf } from './byte-source.js';
import type { Place } from './errors.js';
import { KaldiInput } from './kaldi-input.js';
import { NeedMore } from './need-more.js';
import type { ReusedMemory } from './reused-memory.js';

const none = new Uint8Array(0);

/** A window over a stream of bytes that parses values out of it and holds no more than one value and one chunk. */
export class ByteStream {
  #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined;
  #window: Uint8Array = none;
  #start = 0;
  /** What was read beyond the window. */
  #rest: Uint8Array = none;
  /** Where values that are torn between chunks are put together. */
  #joined: Uint8Array = none;
  #ended = false;
  /** Offset of the window's first unread byte from the start of the source. */
  position = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly path?: string | undefined,
    /** Where the floats of a value may lie until the next is read. */
    private readonly memory?: ReusedMemory | undefined,
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
        // A text value does not say how long it is. Where it is long the window doubles, so that reading it stays linear;
        // a short one is not kept waiting for bytes that may come late.
        const have = this.#window.length - this.#start;
        need = error.bytes > have + 64 || have < 1 << 14 ? error.bytes : 2 * have;
      }
    }
  }

  #attempt<T>(read: (input: KaldiInput) => T, key: string | undefined, binary: boolean | undefined): T {
    const place: Place = { path: this.path, key, offset: this.position };
    this.memory?.reset();
    const input = new KaldiInput(this.#window.subarray(this.#start), place, binary, !this.#ended, this.memory);
    const value = read(input);
    this.#start += input.offset;
    this.position += input.offset;
    return value;
  }

  /**
   * Reads until the window holds `need` unread bytes or the source ends. Where a value is torn between chunks only that
   * value is put together; the rest of its last chunk is read in place.
   */
  async #grow(need: number): Promise<void> {
    const left = this.#window.subarray(this.#start);
    this.#start = 0;
    if (left.length === 0 && this.#rest.length >= need) {
      this.#window = this.#rest;
      this.#rest = none;
      return;
    }
    // A header's worth more, lest a torn key be read byte by byte.
    const wanted = Math.max(need, left.length + 64);
    let have = 0;
    const add = (bytes: Uint8Array): void => {
      if (have + bytes.length > this.#joined.length) {
        // The length of a value may be a false one: memory grows with what was truly there.
        const grown = new Uint8Array(Math.max(have + bytes.length, 2 * this.#joined.length, 1 << 12));
        grown.set(this.#joined.subarray(0, have));
        this.#joined = grown;
      }
      this.#joined.set(bytes, have);
      have += bytes.length;
    };
    // What is left may lie at the end of the very memory that it is put at the start of; `set` allows for that.
    add(left);
    let chunk = this.#rest;
    this.#rest = none;
    const chunks = (this.#chunks ??= iterate(chunksOf(this.source)));
    for (;;) {
      if (have === 0 && chunk.length >= need) {
        this.#window = chunk;
        return;
      }
      const part = chunk.subarray(0, Math.max(0, wanted - have));
      add(part);
      this.#rest = chunk.subarray(part.length);
      if (have >= need) break;
      // From here on the source may use the memory of its last chunk again.
      const { done, value } = await chunks.next();
      if (done) {
        this.#ended = true;
        break;
      }
      chunk = value;
    }
    this.#window = this.#joined.subarray(0, have);
  }

  /** Closes the source, if it was opened and has not ended. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#window = this.#rest = this.#joined = none;
    this.#start = 0;
    // A source that was never begun is closed all the same: it may hold an open file.
    await (this.#chunks ?? iterate(chunksOf(this.source))).return?.();
  }
}

const iterate = <T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> =>
  Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();

/** All bytes of a source in one array. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  return new ByteStream(source).parse((input) => input.rest(), undefined, true);
}
