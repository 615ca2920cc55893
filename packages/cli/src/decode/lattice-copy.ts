import { bool, defineOptions, text } from '@jebena/options';
import { compactLatticeHolder, latticeHolder } from '@jebena/wfst';
import { readLines } from '../io-ark/lines.js';
import { exitCode, tableWriter } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { eachLattice } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-copy',
  summary: 'Copies lattices, as compact ones or written out.',
  usage: ['<lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    writeCompact: bool(true, 'If true, write in normal (compact) form'),
    include: text('', 'Text file of the keys to copy, the first field of each line'),
    exclude: text('', 'Text file of the keys to leave out'),
    ignoreMissing: bool(false, 'Exit with 0 even where nothing was copied'),
  }),
  args: [2, 2],
  run: async ([input, output], { writeCompact, include, exclude, ignoreMissing }, context) => {
    const keys = async (file: string): Promise<Set<string>> =>
      new Set((await readLines(file)).map((line) => line.trim().split(/\s+/)[0]!));
    const [wanted, unwanted] = [include ? await keys(include) : undefined, exclude ? await keys(exclude) : undefined];
    const skip = (key: string): boolean => (wanted ? !wanted.has(key) : (unwanted?.has(key) ?? false));
    const writer = tableWriter(writeCompact ? compactLatticeHolder : latticeHolder, output!);
    let copied = 0;
    await eachLattice(input!, context, [writer], async (lattice, key) => {
      if (skip(key)) return;
      await writer.write(key, lattice);
      copied++;
    });
    context.log(`Copied ${copied} lattices.`);
    return ignoreMissing ? 0 : exitCode(copied);
  },
});
