import { UsageError, defineOptions } from '@jebena/options';
import { topSort } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fsttopsort',
  summary: 'Renumbers states so that every arc leads forward.',
  options: defineOptions({}),
  apply: ([fst]) => {
    const sorted = topSort(fst!);
    if (!sorted) throw new UsageError('the machine has a cycle');
    return sorted;
  },
});
