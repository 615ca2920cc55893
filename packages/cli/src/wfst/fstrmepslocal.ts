import { bool, defineOptions } from '@jebena/options';
import { rmEpsLocal } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstrmepslocal',
  summary: 'Removes those epsilons whose removal adds no arcs.',
  options: defineOptions({
    useLog: bool(false, 'Sum paths in the log semiring'),
    stochasticInLog: bool(true, 'Accepted for scripts: what leaves a state keeps its sum in any case'),
  }),
  apply: ([fst], { useLog }) =>
    rmEpsLocal(fst!.with({ semiring: useLog ? 'log' : fst!.semiring })).with({ semiring: fst!.semiring }),
});
