import { bool, defineOptions, float, int } from '@jebena/options';
import { equivalent, randomlyEquivalent } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile } from './files.js';

export const program = defineProgram({
  name: 'fstequivalent',
  summary: 'Exits with 0 where two machines give the same cost to every string, with 2 where not.',
  usage: ['<a.fst> <b.fst>'],
  options: defineOptions({
    delta: float(1 / 1024, 'How far costs may differ'),
    random: bool(false, 'Test strings drawn by chance: finds differences, proves nothing, takes any transducer'),
    maxLength: int(10_000, 'Longest path drawn'),
    npath: int(20, 'How many paths of each to draw'),
    seed: int(0, 'Seed of the draw'),
  }),
  args: [2, 2],
  run: async ([a, b], { delta, random, maxLength, npath, seed }, context) => {
    const [x, y] = [await readFstFile(a), await readFstFile(b)];
    const same = random
      ? randomlyEquivalent(x, y, { delta, maxLength, paths: npath, seed })
      : equivalent(x, y, { delta });
    context.log(same ? 'the machines are equivalent' : 'the machines are not equivalent');
    return same ? 0 : 2;
  },
});
