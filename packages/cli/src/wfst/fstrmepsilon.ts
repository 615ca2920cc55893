import { bool, defineOptions, float } from '@jebena/options';
import { removeEpsilons } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstrmepsilon',
  summary: 'Removes arcs whose labels are both epsilon.',
  options: defineOptions({
    connect: bool(true, 'Drop what lies on no path'),
    delta: float(1 / 1024, 'Costs closer than this are taken as equal'),
  }),
  apply: ([fst], options) => removeEpsilons(fst!, options),
});
