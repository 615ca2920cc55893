import { atLeast, choice, defineOptions, int } from '@jebena/options';
import { FstBuilder, randomPaths } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, writeFstFile } from './files.js';

export const program = defineProgram({
  name: 'fstrandgen',
  summary: 'Draws paths by chance: a machine with a branch for each, without costs.',
  usage: ['[<in.fst> [<out.fst>]]'],
  options: defineOptions({
    npath: int(1, 'How many paths', atLeast(1)),
    maxLength: int(10_000, 'Longest path', atLeast(1)),
    seed: int(0, 'Seed of the draw'),
    select: choice('uniform', ['uniform', 'log_prob'], 'Arcs all alike, or by their probability'),
  }),
  args: [0, 2],
  run: async ([input, output], { npath, maxLength, seed, select }) => {
    const fst = await readFstFile(input);
    const paths = randomPaths(fst, { maxLength, seed, select: select === 'uniform' ? 'uniform' : 'probability' });
    const b = new FstBuilder({ inputSymbols: fst.inputSymbols, outputSymbols: fst.outputSymbols });
    const start = b.addState();
    b.setStart(start);
    for (let n = 0; n < npath; n++) {
      const { ilabels, olabels } = paths.next().value;
      let state = start;
      for (let i = 0; i < Math.max(ilabels.length, olabels.length); i++) {
        const next = b.addState();
        b.addArc(state, ilabels[i] ?? 0, olabels[i] ?? 0, 0, next);
        state = next;
      }
      b.setFinal(state);
    }
    await writeFstFile(output, b.build());
  },
});
