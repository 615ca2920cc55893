import type { Item } from '@jebena/stream';
import type { Holder } from '../holder.js';
import { type RandomAccessTable, openTable as openTableIn } from '../random-access-table.js';
import { type ReadTableOptions, type TableSource, readTable as readTableIn } from '../read-table.js';
import { type TableSink, TableWriter, type WriteTableOptions, writeTable as writeTableIn } from '../table-writer.js';
import * as tables from '../tables.js';
import { readObject as readObjectIn, writeObject as writeObjectIn } from '../object.js';
import { type NodeStorageOptions, nodeStorage } from './node-storage.js';

type Read = ReadTableOptions & NodeStorageOptions;
type Write = WriteTableOptions & NodeStorageOptions;

const stored = <O extends Read | Write>({ allowPipes, ...options }: O): Omit<O, 'allowPipes'> => ({
  ...options,
  storage: options.storage ?? nodeStorage({ allowPipes }),
});

/** {@link readTableIn} over Node's files. */
export const readTable = <V>(
  holder: Holder<V, never>,
  source: TableSource,
  options: Read = {},
): AsyncIterable<Item<V>> => readTableIn(holder, source, stored(options));

/** {@link openTableIn} over Node's files. */
export const openTable = <V>(holder: Holder<V, never>, source: TableSource, options: Read = {}): RandomAccessTable<V> =>
  openTableIn(holder, source, stored(options));

/** {@link writeTableIn} over Node's files. */
export const writeTable = <W>(holder: Holder<unknown, W>, specifier: string, options: Write = {}): TableSink<W> =>
  writeTableIn(holder, specifier, stored(options));

/** A {@link TableWriter} over Node's files. */
export const tableWriter = <W>(holder: Holder<unknown, W>, specifier: string, options: Write = {}): TableWriter<W> =>
  new TableWriter(holder, specifier, stored(options));

const reading =
  <V>(read: (source: TableSource, options?: ReadTableOptions) => AsyncIterable<Item<V>>) =>
  (source: TableSource, options: Read = {}): AsyncIterable<Item<V>> =>
    read(source, stored(options));

const writing =
  <W, O extends WriteTableOptions>(write: (specifier: string, options?: O) => TableSink<W>) =>
  (specifier: string, options: O & NodeStorageOptions = {} as O): TableSink<W> =>
    write(specifier, stored(options) as unknown as O);

export const readMatrices = reading(tables.readMatrices);
export const readVectors = reading(tables.readVectors);
export const readInt32Vectors = reading(tables.readInt32Vectors);
export const readPosteriors = reading(tables.readPosteriors);
export const readWaves = reading(tables.readWaves);
export const readTokens = reading(tables.readTokens);
export const readTokenVectors = reading(tables.readTokenVectors);
export const writeMatrices = writing(tables.writeMatrices);
export const writeVectors = writing(tables.writeVectors);
export const writeInt32Vectors = writing(tables.writeInt32Vectors);
export const writePosteriors = writing(tables.writePosteriors);
export const writeWaves = writing(tables.writeWaves);
export const writeTokens = writing(tables.writeTokens);
export const writeTokenVectors = writing(tables.writeTokenVectors);

/** Reads one value from a file, an offset in one (`feats.ark:1234[0:9]`), or standard input. */
export const readObject = <V>(holder: Holder<V, never>, location: string, options?: NodeStorageOptions): Promise<V> =>
  readObjectIn(holder, location, nodeStorage(options));

/** Writes one value to a file of its own, or to standard output (`-`); the file gets its name when it is whole. */
export const writeObject = <W>(
  holder: Holder<unknown, W>,
  name: string,
  value: W,
  { binary = true, ...options }: NodeStorageOptions & { binary?: boolean } = {},
): Promise<void> => writeObjectIn(holder, name, value, nodeStorage(options), { binary });
