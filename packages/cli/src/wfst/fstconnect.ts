import { defineOptions } from '@jebena/options';
import { connect } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstconnect',
  summary: 'Drops what lies on no path from the start to a final state.',
  options: defineOptions({}),
  apply: ([fst]) => connect(fst!),
});
