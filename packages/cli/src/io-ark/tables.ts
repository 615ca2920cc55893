import { type Holder, isReadSpecifier, isWriteSpecifier } from '@jebena/io-ark';
import * as io from '@jebena/io-ark/node';
import { UsageError } from '@jebena/options';
import { type Item, mapValues } from '@jebena/stream';
import type { ProgramContext } from '../program.js';

/** Programs take what Kaldi's take, shell commands too; what a permissive specifier skips is told. */
const reading = ({ signal, warn }: ProgramContext): NonNullable<Parameters<typeof io.readTable>[2]> => ({
  allowPipes: true,
  signal,
  onSkip: (error) => warn(`skipped: ${error.message}`),
});

/** Reads a table as a program does. */
export const readTable = <V>(
  holder: Holder<V, never>,
  specifier: string,
  context: ProgramContext,
): AsyncIterable<Item<V>> => io.readTable(holder, specifier, reading(context));

/** Opens a table for random access as a program does. */
export const openTable = <V>(
  holder: Holder<V, never>,
  specifier: string,
  context: ProgramContext,
): ReturnType<typeof io.openTable<V>> => io.openTable(holder, specifier, reading(context));

/** A writer of tables as programs use it. */
export const tableWriter = <W>(holder: Holder<unknown, W>, specifier: string): ReturnType<typeof io.tableWriter<W>> =>
  io.tableWriter(holder, specifier, { allowPipes: true });

/** Reads one value from an rxfilename as a program does. */
export const readObject = <V>(holder: Holder<V, never>, location: string): Promise<V> =>
  io.readObject(holder, location, { allowPipes: true });

/** Writes one value to a wxfilename as a program does. */
export const writeObject = <W>(holder: Holder<unknown, W>, name: string, value: W, binary: boolean): Promise<void> =>
  io.writeObject(holder, name, value, { allowPipes: true, binary });

interface Writer {
  open(): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** Runs work that writes tables: all get their names, or, when it fails, none. */
export async function writing(writers: readonly (Writer | undefined)[], work: () => Promise<void>): Promise<void> {
  const all = writers.filter((writer) => writer !== undefined);
  try {
    for (const writer of all) await writer.open();
    await work();
    for (const writer of all) await writer.close();
  } catch (error) {
    for (const writer of all) await writer.abort();
    throw error;
  }
}

/** Writes a whole stream of items to a table and returns how many there were. */
export const writeItems = <W>(
  [holder, specifier]: readonly [Holder<unknown, W>, specifier: string],
  items: AsyncIterable<Item<W>>,
): Promise<number> => io.writeTable(holder, specifier, { allowPipes: true })(items);

/** Copies a table value by value and returns how many there were. */
export const copyTable = <V, W>(
  from: readonly [Holder<V, never>, specifier: string],
  to: readonly [Holder<unknown, W>, specifier: string],
  change: (value: V, key: string) => W,
  context: ProgramContext,
): Promise<number> => writeItems(to, mapValues(change)(readTable(...from, context)));

/** Whether both arguments name tables; refuses a mixture, as Kaldi does. */
export function areTables(input: string, output: string): boolean {
  const [reads, writes] = [isReadSpecifier(input), isWriteSpecifier(output)];
  if (reads !== writes) throw new UsageError(`expected two tables or two files, found '${input}' and '${output}'`);
  return reads;
}

/** The exit code of a program that did something, or nothing. */
export const exitCode = (count: number): number => (count > 0 ? 0 : 1);
