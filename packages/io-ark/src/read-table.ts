import { type Item, type StageOptions, prefetch, stage } from '@jebena/stream';
import { ByteStream } from './byte-stream.js';
import type { ByteSource } from './byte-source.js';
import { KaldiIoError } from './errors.js';
import { gunzip } from './gzip.js';
import type { Holder } from './holder.js';
import type { KaldiInput } from './kaldi-input.js';
import { parseReadSpecifier } from './specifier.js';
import { ReusedMemory } from './reused-memory.js';
import { readScript } from './script.js';
import type { Storage } from './storage.js';
import { ValueReader } from './value-reader.js';

export interface ReadTableOptions extends StageOptions {
  /** Where the files of a specifier are. */
  readonly storage?: Storage | undefined;
  /** What to call bytes that have no name, in errors. */
  readonly path?: string | undefined;
  /**
   * Lets a value lie in memory that the next read uses again, as Kaldi's readers do: faster, for those who are done with
   * a value before they ask for the next. Not with `bg`, which reads ahead.
   */
  readonly reuse?: boolean | undefined;
  /** Told of each value that a permissive specifier leaves out. */
  readonly onSkip?: ((error: Error) => void) | undefined;
}

/** Where a table is read from: a specifier (with a storage), or the bytes of an archive, packed with gzip or not. */
export type TableSource = string | ByteSource;

/**
 * Reads a table as it comes: one value is held at a time. A `break` closes what is open.
 *
 * @throws KaldiIoError where the table is torn, a key lacks its value, or a specifier is none
 */
export function readTable<V>(
  holder: Holder<V, never>,
  source: TableSource,
  options: ReadTableOptions = {},
): AsyncIterable<Item<V>> {
  const { signal } = options;
  if (typeof source !== 'string') return abortable(readArchive(holder, source, options), signal);
  const { storage } = options;
  const specifier = parseReadSpecifier(source);
  if (!storage) throw new KaldiIoError('bytes, or a storage to look in', JSON.stringify(source), { path: 'specifier' });
  const skipping = specifier.permissive ? (options.onSkip ?? (() => undefined)) : undefined;
  const reuse = options.reuse && !specifier.background;
  const items =
    specifier.kind === 'ark'
      ? readArchive(holder, storage.stream(specifier.name), { ...options, reuse, path: specifier.name }, skipping)
      : readScripted(holder, specifier.name, storage, reuse, skipping);
  return abortable(specifier.background ? prefetch<Item<V>>(1)(items) : items, signal);
}

const abortable = <V>(items: AsyncIterable<V>, signal: AbortSignal | undefined): AsyncIterable<V> =>
  signal ? stage<V, V>(() => ({ push: (item) => [item] }), { signal })(items) : items;

const end = Symbol('the end of the archive');

/** Reads the key of the next value; undefined at the end. The holder then stands at the value. */
export function readKey(input: KaldiInput): string | undefined {
  input.skipSpace();
  if (input.atEnd) return undefined;
  const start = input.offset;
  const { bytes } = input;
  while (!input.atEnd && !blank(bytes[input.offset]!)) input.offset++;
  const key = new TextDecoder().decode(bytes.subarray(start, input.offset));
  if (input.atEnd) input.fail(`a value after the key '${key}'`);
  // An empty line of tokens is a key with a newline right after it: the newline belongs to the value.
  if (bytes[input.offset] !== 10) input.offset++;
  return key;
}

const blank = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);

/** A function that reads one item of an archive, or `end`. */
const itemReader =
  <V>(holder: Holder<V, never>) =>
  (input: KaldiInput): Item<V> | typeof end => {
    const key = readKey(input);
    if (key === undefined) return end;
    if (holder.unmarked) input.place = { ...input.place, key };
    else input.openValue(key);
    return [key, holder.read(input)];
  };

async function* readArchive<V>(
  holder: Holder<V, never>,
  source: ByteSource,
  { path, reuse }: ReadTableOptions,
  onSkip?: (error: Error) => void,
): AsyncGenerator<Item<V>> {
  const stream = new ByteStream(gunzip(source, path), path, reuse ? new ReusedMemory() : undefined);
  const read = itemReader(holder);
  try {
    for (;;) {
      let item: Item<V> | typeof end | Promise<Item<V> | typeof end>;
      try {
        item = stream.parse(read, undefined, false);
        // Most values lie whole in the bytes at hand: waiting for them would cost more than reading them.
        if (item instanceof Promise) item = await item;
      } catch (error) {
        if (!onSkip || !(error instanceof KaldiIoError)) throw error;
        return onSkip(error);
      }
      if (item === end) return;
      yield item;
    }
  } finally {
    await stream.close();
  }
}

async function* readScripted<V>(
  holder: Holder<V, never>,
  name: string,
  storage: Storage,
  reuse: boolean | undefined,
  onSkip?: (error: Error) => void,
): AsyncGenerator<Item<V>> {
  const values = new ValueReader(holder, storage, reuse);
  try {
    for await (const [key, location] of readScript(storage.stream(name), name)) {
      let value: V;
      try {
        value = await values.read(location, key);
      } catch (error) {
        if (!onSkip || !(error instanceof Error)) throw error;
        onSkip(error);
        continue;
      }
      yield [key, value];
    }
  } finally {
    await values.close();
  }
}
