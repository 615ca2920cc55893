import { bool, defineOptions } from '@jebena/options';
import { closure } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstclosure',
  summary: 'Makes a machine that takes any number of its strings one after the other.',
  options: defineOptions({ closurePlus: bool(false, 'At least one') }),
  apply: ([fst], { closurePlus }) => closure(fst!, closurePlus ? 'plus' : 'star'),
});
