import { defineOptions } from '@jebena/options';
import { concat } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstconcat',
  summary: 'Joins the strings of one machine with those of another.',
  options: defineOptions({}),
  inputs: 2,
  apply: ([a, b]) => concat(a!, b!),
});
