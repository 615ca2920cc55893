import { atLeast, bool, defineOptions, int } from '@jebena/options';
import { shortestPath } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstshortestpath',
  summary: 'Finds the best paths.',
  options: defineOptions({
    nshortest: int(1, 'How many', atLeast(1)),
    unique: bool(false, 'With different input strings'),
  }),
  apply: ([fst], { nshortest, unique }) => shortestPath(fst!, { n: nshortest, unique }),
});
