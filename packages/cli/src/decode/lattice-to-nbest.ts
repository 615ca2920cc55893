import { nBestLattices } from '@jebena/decode';
import { defineOptions, float, int } from '@jebena/options';
import { compactLatticeHolder } from '@jebena/wfst';
import { exitCode, tableWriter } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { eachLattice } from './lattice-program.js';
import { scaleOptions } from './scale-options.js';

export const program = defineProgram({
  name: 'lattice-to-nbest',
  summary: 'Writes the n best paths of each lattice as lattices of one path, with keys KEY-1, KEY-2, ...',
  usage: ['<lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    ...scaleOptions,
    n: int(1, 'Number of distinct paths'),
    random: int(0, 'Kaldi can draw paths at random; here 0 alone is taken', (v) =>
      v === 0 ? undefined : 'expected 0',
    ),
    wordInsPenalty: float(0, 'Cost added for each word when paths are compared'),
  }),
  args: [2, 2],
  run: async ([input, output], { n, wordInsPenalty, acousticScale, lmScale }, context) => {
    const writer = tableWriter(compactLatticeHolder, output!);
    let paths = 0;
    const { done, failed } = await eachLattice(input!, context, [writer], async (lattice, key) => {
      const found = nBestLattices(lattice, n, { acousticScale, lmScale, wordPenalty: wordInsPenalty });
      for (const [i, path] of found.entries()) await writer.write(`${key}-${i + 1}`, path);
      paths += found.length;
    });
    context.log(
      `Done applying N-best algorithm to ${done} lattices with n = ${n}, average actual #paths is ${paths / done}`,
    );
    if (failed) context.log(`Failed for ${failed} lattices`);
    return exitCode(done);
  },
});
