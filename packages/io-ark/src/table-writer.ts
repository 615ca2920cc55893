import type { Item } from '@jebena/stream';
import { KaldiIoError } from './errors.js';
import type { Holder } from './holder.js';
import { KaldiOutput } from './kaldi-output.js';
import { readScript } from './script.js';
import { type WriteSpecifier, parseWriteSpecifier } from './specifier.js';
import type { ByteSink, Storage } from './storage.js';
import { writeObject } from './object.js';

export interface WriteTableOptions {
  /** Where the files of a specifier are made. */
  readonly storage?: Storage | undefined;
}

/** How much is gathered before it is handed to a file. */
const gather = 1 << 18;

/** Writes a table value by value. Files get their names at `close`; `abort` leaves none. */
export class TableWriter<W> {
  readonly #specifier: WriteSpecifier;
  readonly #storage: Storage;
  readonly #ark: KaldiOutput;
  readonly #scp = new KaldiOutput({ binary: false });
  #sinks: { ark?: ByteSink | undefined; scp?: ByteSink | undefined } | undefined;
  #script: Map<string, string> | undefined;
  #written = 0;

  constructor(
    private readonly holder: Holder<unknown, W>,
    specifier: string,
    { storage }: WriteTableOptions,
  ) {
    this.#specifier = parseWriteSpecifier(specifier);
    if (!storage?.create)
      throw new KaldiIoError('a storage to write to', JSON.stringify(specifier), { path: 'specifier' });
    this.#storage = storage;
    this.#ark = new KaldiOutput({ binary: this.#specifier.binary, mark: false });
  }

  /** Opens the files, so that what cannot be written is known before the work; else the first write does. */
  async open(): Promise<void> {
    if (this.#sinks) return;
    const { ark, scp } = this.#specifier;
    this.#sinks = {};
    if (ark === undefined) {
      this.#script = new Map();
      for await (const [key, name] of readScript(this.#storage.stream(scp!), scp)) this.#script.set(key, name);
      return;
    }
    this.#sinks.ark = await this.#storage.create!(ark || '-');
    if (scp === undefined) return;
    try {
      this.#sinks.scp = await this.#storage.create!(scp || '-');
    } catch (error) {
      await this.#sinks.ark.abort();
      throw error;
    }
  }

  /**
   * @throws KaldiIoError for a key that is empty or holds white space, or that a script to write by lacks
   */
  async write(key: string, value: W): Promise<void> {
    if (!this.#sinks) await this.open();
    const { ark, scp, binary, flush } = this.#specifier;
    if (key === '' || /\s/.test(key))
      throw new KaldiIoError('a key without white space', JSON.stringify(key), { path: ark ?? scp });
    if (ark === undefined) return this.#writeAlone(key, value);
    const output = this.#ark;
    output.writeText(`${key} `);
    const offset = this.#written + output.size;
    if (binary && !this.holder.unmarked) output.writeBytes(mark);
    this.holder.write(output, value);
    if (scp !== undefined) this.#scp.writeText(`${key} ${ark}:${offset}\n`);
    if (flush || output.size >= gather) await this.#flush();
  }

  async #writeAlone(key: string, value: W): Promise<void> {
    const name = this.#script!.get(key);
    const { permissive, binary, scp } = this.#specifier;
    if (name === undefined) {
      if (permissive) return;
      throw new KaldiIoError('an entry in the script', 'none', { path: scp, key });
    }
    await writeObject(this.holder, name, value, this.#storage, { binary });
  }

  async #flush(): Promise<void> {
    const { ark, scp } = this.#sinks!;
    this.#written += this.#ark.size;
    if (ark && this.#ark.size > 0) await ark.write(this.#ark.pending());
    this.#ark.clear();
    if (scp && this.#scp.size > 0) await scp.write(this.#scp.pending());
    this.#scp.clear();
  }

  async close(): Promise<void> {
    await this.open();
    await this.#flush();
    await this.#sinks!.ark?.close();
    await this.#sinks!.scp?.close();
  }

  async abort(): Promise<void> {
    await this.#sinks?.ark?.abort();
    await this.#sinks?.scp?.abort();
  }
}

const mark = Uint8Array.of(0, 0x42);

/** The end of a pipeline: takes its items and resolves, when all are written, to how many they were. */
export type TableSink<W> = (source: AsyncIterable<Item<W>> | Iterable<Item<W>>) => Promise<number>;

/**
 * A sink that writes a table. When the source fails, nothing is left behind and the error goes to the caller.
 *
 * @example
 * ```ts
 * await pipe(readMatrices('scp:feats.scp'), deltas(), writeTable(matrixHolder, 'ark,scp:d.ark,d.scp', { storage }));
 * ```
 */
export function writeTable<W>(
  holder: Holder<unknown, W>,
  specifier: string,
  options: WriteTableOptions = {},
): TableSink<W> {
  return async (source) => {
    const writer = new TableWriter(holder, specifier, options);
    let count = 0;
    try {
      await writer.open();
      for await (const [key, value] of source) {
        await writer.write(key, value);
        count++;
      }
      await writer.close();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return count;
  };
}

/** A stage's worth of writing to memory: the bytes of an archive. */
export async function tableBytes<W>(
  holder: Holder<unknown, W>,
  source: AsyncIterable<Item<W>> | Iterable<Item<W>>,
  { binary = true }: { binary?: boolean } = {},
): Promise<Uint8Array> {
  const output = new KaldiOutput({ binary, mark: false });
  for await (const [key, value] of source) {
    output.writeText(`${key} `);
    if (binary && !holder.unmarked) output.writeBytes(mark);
    holder.write(output, value);
  }
  return output.bytes();
}
