import type { Item } from '@jebena/stream';
import { KaldiIoError } from './errors.js';
import type { Holder } from './holder.js';
import { type ReadTableOptions, type TableSource, readTable } from './read-table.js';
import { readScriptMap } from './script.js';
import { type ReadSpecifier, parseReadSpecifier } from './specifier.js';
import { ValueReader } from './value-reader.js';

/** A table asked by key, as the second input of a program is (util/kaldi-table.h, RandomAccessTableReader). */
export interface RandomAccessTable<V> {
  has(key: string): Promise<boolean>;
  /** The value, or undefined where the table lacks the key. */
  get(key: string): Promise<V | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a table for random access. A script file is read whole, its values as they are asked for. An archive is read
 * as far as it must be: with `s` it stops where a key would have stood, with `s,cs` it also forgets what it has
 * passed, with `o` what was asked for once; without them it holds what it has read, as Kaldi does.
 */
export function openTable<V>(
  holder: Holder<V, never>,
  source: TableSource,
  options: ReadTableOptions = {},
): RandomAccessTable<V> {
  const specifier = typeof source === 'string' ? parseReadSpecifier(source) : undefined;
  if (specifier?.kind === 'scp') return new ScriptTable(holder, specifier, options);
  // It may hold more than one value of an archive, so none of them in memory that is used again.
  return new ArchiveTable(readTable(holder, source, { ...options, reuse: false }), specifier ?? {});
}

class ScriptTable<V> implements RandomAccessTable<V> {
  #script: Promise<Map<string, string>> | undefined;
  readonly #values: ValueReader<V>;
  #last: Item<V> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    holder: Holder<V, never>,
    private readonly specifier: ReadSpecifier,
    private readonly options: ReadTableOptions,
  ) {
    if (!options.storage)
      throw new KaldiIoError('a storage to look in', JSON.stringify(specifier.name), { path: 'specifier' });
    this.#values = new ValueReader(holder, options.storage, options.reuse);
  }

  #load(): Promise<Map<string, string>> {
    const { name } = this.specifier;
    return (this.#script ??= readScriptMap(this.options.storage!.stream(name), name));
  }

  async has(key: string): Promise<boolean> {
    if (!this.specifier.permissive) return (await this.#load()).has(key);
    return (await this.get(key)) !== undefined;
  }

  get(key: string): Promise<V | undefined> {
    // The reader keeps one file open: calls side by side take turns.
    const result = this.#turn.then(() => this.#get(key));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #get(key: string): Promise<V | undefined> {
    const script = await this.#load();
    if (this.#last?.[0] === key) return this.#last[1];
    const location = script.get(key);
    if (location === undefined) return undefined;
    try {
      const value = await this.#values.read(location, key);
      this.#last = [key, value];
      return value;
    } catch (error) {
      if (!this.specifier.permissive || !(error instanceof Error)) throw error;
      this.options.onSkip?.(error);
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.#last = undefined;
    await this.#values.close();
  }
}

class ArchiveTable<V> implements RandomAccessTable<V> {
  readonly #items: AsyncIterator<Item<V>>;
  readonly #held = new Map<string, V>();
  #reached: string | undefined;
  #ended = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    items: AsyncIterable<Item<V>>,
    private readonly specifier: Partial<ReadSpecifier>,
  ) {
    this.#items = items[Symbol.asyncIterator]();
  }

  has(key: string): Promise<boolean> {
    return this.#inTurn(() => this.#find(key));
  }

  get(key: string): Promise<V | undefined> {
    return this.#inTurn(async () => {
      if (!(await this.#find(key))) return undefined;
      const value = this.#held.get(key);
      if (this.specifier.once) this.#held.delete(key);
      return value;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #find(key: string): Promise<boolean> {
    const { sorted = false, calledSorted = false } = this.specifier;
    if (sorted && calledSorted)
      for (const held of this.#held.keys()) if (compareKeys(held, key) < 0) this.#held.delete(held);
    while (!this.#held.has(key)) {
      if (this.#ended || (sorted && this.#reached !== undefined && compareKeys(this.#reached, key) > 0)) return false;
      const { done, value } = await this.#items.next();
      if (done) {
        this.#ended = true;
        return false;
      }
      this.#accept(value, key);
    }
    return true;
  }

  #accept([key, value]: Item<V>, wanted: string): void {
    const { sorted = false, calledSorted = false } = this.specifier;
    if (sorted && this.#reached !== undefined && compareKeys(this.#reached, key) >= 0)
      throw new KaldiIoError(`keys in order (the specifier says 's')`, `'${key}' after '${this.#reached}'`, { key });
    if (this.#held.has(key)) throw new KaldiIoError('each key once', 'it twice', { key });
    this.#reached = key;
    if (!(sorted && calledSorted && compareKeys(key, wanted) < 0)) this.#held.set(key, value);
  }

  async close(): Promise<void> {
    this.#held.clear();
    this.#ended = true;
    await this.#items.return?.();
  }
}

/** Order by bytes of UTF-8, as `LC_ALL=C sort` and Kaldi have it. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    // Surrogates stand for code points above all others of two bytes.
    if (x !== y) return Number(isSurrogate(x)) - Number(isSurrogate(y)) || x - y;
  }
  return a.length - b.length;
}

const isSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xe000;
