import { type CompactLattice, compactLatticeHolder } from '@jebena/wfst';
import { exitCode, readTable, tableWriter, writing } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';

/**
 * Copies a table of lattices, each changed; one that cannot be is left out with a warning and the rest goes on.
 *
 * @param convert the lattice made of one; undefined for none
 */
export async function copyLattices(
  [input, output]: readonly string[],
  convert: (lattice: CompactLattice, key: string) => CompactLattice | undefined | Promise<CompactLattice | undefined>,
  context: ProgramContext,
): Promise<number> {
  const writer = tableWriter(compactLatticeHolder, output!);
  const counts = await eachLattice(input!, context, [writer], async (lattice, key) => {
    const made = await convert(lattice, key);
    if (!made || made.start < 0) throw new Error('the result is empty');
    await writer.write(key, made);
  });
  context.log(`Done ${counts.done} lattices, errors for ${counts.failed}.`);
  return exitCode(counts.done);
}

type Writers = Parameters<typeof writing>[0];

/** Reads lattices one after another; those for which `use` fails are told of and counted. */
export async function eachLattice(
  input: string,
  context: ProgramContext,
  writers: Writers,
  use: (lattice: CompactLattice, key: string) => Promise<void>,
): Promise<{ done: number; failed: number }> {
  let [done, failed] = [0, 0];
  await writing(writers, async () => {
    for await (const [key, lattice] of readTable(compactLatticeHolder, input, context))
      try {
        await use(lattice, key);
        done++;
      } catch (error) {
        if (context.signal.aborted) throw error;
        context.warn(`${key}: ${(error as Error).message}`);
        failed++;
      }
  });
  return { done, failed };
}

/** A value that must be there for a key. */
export function needed<V>(value: V | undefined, what: string): V {
  if (value === undefined) throw new Error(`no ${what} for it`);
  return value;
}
