import { defineOptions, float } from '@jebena/options';
import { pushSpecial } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstpushspecial',
  summary: 'Moves costs so that what leaves each state sums to the same everywhere.',
  options: defineOptions({ delta: float(1 / 1024, 'Costs closer than this are taken as equal') }),
  apply: ([fst], { delta }) => pushSpecial(fst!, { delta }),
});
