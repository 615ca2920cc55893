import { defineOptions } from '@jebena/options';
import { invert } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstinvert',
  summary: 'Changes input and output over.',
  options: defineOptions({}),
  apply: ([fst]) => invert(fst!),
});
