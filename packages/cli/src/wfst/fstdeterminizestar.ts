import { bool, defineOptions, float, int } from '@jebena/options';
import { determinizeStar } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstdeterminizestar',
  summary: 'Removes input epsilons and determinizes on the input side.',
  options: defineOptions({
    delta: float(1 / 1024, 'Costs closer than this are taken as equal'),
    useLog: bool(false, 'Sum paths in the log semiring'),
    maxStates: int(-1, 'Give up beyond this many states; -1: no bound'),
  }),
  apply: ([fst], { delta, useLog, maxStates }) =>
    determinizeStar(fst!, {
      delta,
      semiring: useLog ? 'log' : 'tropical',
      maxStates: maxStates < 0 ? undefined : maxStates,
    }),
});
