import { readAll } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';
import { UsageError } from '@jebena/options';
import { type Fst, type SymbolTable, type WriteFstOptions, readFst, readSymbols, writeFst } from '@jebena/wfst';

const storage = nodeStorage({ allowPipes: true });

/** What a file is called in messages; `-` and nothing stand for standard input. */
const named = (name: string): string => (name === '-' || name === '' ? 'standard input' : name);

/** The bytes of a file, of standard input or of a command. */
export const readBytes = (name: string = '-'): Promise<Uint8Array> => readAll(storage.stream(name));

/** Reads a machine, binary or text. */
export const readFstFile = async (name: string = '-'): Promise<Fst> =>
  readFst(await readBytes(name), { path: named(name) });

/** Reads a symbol table, binary or text; none where no file is named. */
export const readSymbolFile = async (name: string): Promise<SymbolTable | undefined> =>
  name === '' ? undefined : readSymbols(await readBytes(name), { path: named(name) });

/** Writes bytes to a file, which gets its name when it is whole, to standard output or to a command. */
export async function writeBytes(name: string = '-', bytes: Uint8Array): Promise<void> {
  const sink = await storage.create!(name);
  try {
    await sink.write(bytes);
  } catch (error) {
    await sink.abort();
    throw error;
  }
  await sink.close();
}

export const writeFstFile = (name: string | undefined, fst: Fst, options?: WriteFstOptions): Promise<void> =>
  writeBytes(name, writeFst(fst, options));

export const writeTextFile = (name: string | undefined, text: string): Promise<void> =>
  writeBytes(name, new TextEncoder().encode(text));

/** Reads integers, separated by white space, as lists of disambiguation symbols are. */
export async function readIntegers(name: string): Promise<number[]> {
  const text = new TextDecoder().decode(await readBytes(name));
  return text
    .split(/\s+/)
    .filter(Boolean)
    .map((field) => {
      const value = Number(field);
      if (!Number.isInteger(value)) throw new UsageError(`${named(name)}: expected integers, found '${field}'`);
      return value;
    });
}
