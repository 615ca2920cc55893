import { defineOptions } from '@jebena/options';
import { reverse } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstreverse',
  summary: 'Turns every string round.',
  options: defineOptions({}),
  apply: ([fst]) => reverse(fst!),
});
