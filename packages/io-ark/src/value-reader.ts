import { ByteStream } from './byte-stream.js';
import { KaldiIoError, type Place } from './errors.js';
import { gunzip } from './gzip.js';
import type { Holder } from './holder.js';
import { KaldiInput } from './kaldi-input.js';
import { type Location, parseLocation } from './location.js';
import { NeedMore } from './need-more.js';
import { ReusedMemory } from './reused-memory.js';
import type { RangedReader, Storage } from './storage.js';

/** Bytes read at first where nothing is known of the length of values yet. */
const firstRead = 1 << 14;

/**
 * Reads single values from where script files say they are. It keeps one file open and the last value, since entries
 * that follow one another mostly share them.
 */
export class ValueReader<V> {
  #file: { name: string; reader: RangedReader } | undefined;
  #last: { where: string; value: V } | undefined;
  #scratch: Uint8Array = new Uint8Array(0);
  readonly #memory: ReusedMemory | undefined;
  /** How much to read at first: somewhat more than the values before took. */
  #guess = firstRead;

  constructor(
    private readonly holder: Holder<V, never>,
    private readonly storage: Storage,
    /** Whether a value may lie in memory that the next read uses again. */
    reuse: boolean = false,
  ) {
    this.#memory = reuse ? new ReusedMemory() : undefined;
  }

  /**
   * @param location a file name, with offset and range if need be
   * @param key what it is for, in errors
   */
  async read(location: string, key?: string): Promise<V> {
    const parsed = parseLocation(location, { path: 'script', key });
    const { name, offset, range, kind } = parsed;
    const where = `${name}:${offset ?? ''}`;
    let value: V;
    if (range !== undefined && this.#last?.where === where) value = this.#last.value;
    else {
      try {
        value =
          kind === 'file' && this.storage.ranged
            ? await this.#readRanged(parsed, key)
            : await this.#stream(parsed, key);
      } catch (error) {
        // A storage knows what it could not open, but not what for.
        if (!(error instanceof KaldiIoError) || error.key !== undefined || key === undefined) throw error;
        throw new KaldiIoError(
          error.expected,
          error.found,
          { path: error.path, key, offset: error.offset },
          { cause: error },
        );
      }
      this.#last = range === undefined ? undefined : { where, value };
    }
    if (range === undefined) return value;
    const place: Place = { path: name, key, offset };
    const fail = (expected: string, found = 'none'): never => {
      throw new KaldiIoError(expected, found, place);
    };
    return this.holder.range ? this.holder.range(value, range, fail) : fail(`no range for ${this.holder.what}`, range);
  }

  /** Closes the file that is open. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#last = undefined;
    await file?.reader.close?.();
  }

  #parse(input: KaldiInput, key: string | undefined): V {
    if (this.holder.unmarked) return this.holder.read(input);
    input.openValue(key);
    return this.holder.read(input);
  }

  async #stream({ name, offset }: Location, key: string | undefined): Promise<V> {
    const stream = new ByteStream(gunzip(this.storage.stream(name), name), name);
    try {
      if (offset) await stream.parse((input) => input.take(offset, 'the file'), key, true);
      return await stream.parse((input) => this.#parse(input, key), key, false);
    } finally {
      await stream.close();
    }
  }

  async #readRanged(location: Location, key: string | undefined): Promise<V> {
    const { name, offset = 0 } = location;
    if (this.#file?.name !== name) {
      await this.close();
      this.#file = { name, reader: await this.storage.ranged!(name) };
    }
    const { reader } = this.#file!;
    const guess = this.#guess;
    let have = await this.#fill(reader, offset, 0, guess);
    if (offset === 0 && this.#at(0) === 0x1f && this.#at(1) === 0x8b) return this.#stream(location, key);
    let more = have === guess;
    for (;;) {
      const bytes = this.#scratch.subarray(padding, padding + have);
      this.#memory?.reset();
      const input = new KaldiInput(bytes, { path: name, key, offset }, false, more, this.#memory);
      try {
        const value = this.#parse(input, key);
        this.#guess = Math.min(Math.max(1.25 * input.offset, (7 / 8) * guess, 1 << 12), 1 << 16) & ~1023;
        return value;
      } catch (error) {
        if (!(error instanceof NeedMore)) throw error;
        // Small steps come from values that do not say how long they are: those double. Lengths that are read from the
        // file may be wrong: what is asked for at once grows with what was truly there.
        const wanted = error.bytes > have + 64 ? error.bytes : 2 * have;
        const before = have;
        have = await this.#fill(reader, offset, have, Math.min(wanted, Math.max(1 << 18, 4 * have)));
        more = have > before;
      }
    }
  }

  readonly #at = (index: number): number | undefined => this.#scratch[padding + index];

  /** Fills the scratch memory up to `wanted` bytes of the value at `offset`; returns how many there are. */
  #fill(reader: RangedReader, offset: number, have: number, wanted: number): number | Promise<number> {
    if (padding + wanted > this.#scratch.length) {
      const grown = new Uint8Array(Math.max(padding + wanted, 2 * this.#scratch.length));
      grown.set(this.#scratch.subarray(0, padding + have));
      this.#scratch = grown;
    }
    const target = this.#scratch.subarray(padding + have, padding + wanted);
    if (reader.readInto) {
      const count = reader.readInto(target, offset + have);
      return typeof count === 'number' ? have + count : count.then((n) => have + n);
    }
    return Promise.resolve(reader.read(offset + have, target.length)).then((bytes) => {
      target.set(bytes);
      return have + bytes.length;
    });
  }
}

/** After this many bytes the elements of a float or double matrix (15 bytes after its start) are aligned. */
const padding = 1;
