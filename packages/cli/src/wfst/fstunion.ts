import { defineOptions } from '@jebena/options';
import { union } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstunion',
  summary: 'Joins two machines to one that takes what either takes.',
  options: defineOptions({}),
  inputs: 2,
  apply: ([a, b]) => union(a!, b!),
});
