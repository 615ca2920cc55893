import { bool, defineOptions } from '@jebena/options';
import { compose } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstcompose',
  summary: 'Composes two transducers.',
  options: defineOptions({ connect: bool(true, 'Drop what lies on no path') }),
  inputs: 2,
  apply: ([a, b], { connect }) => compose(a!, b!, { connect }),
});
