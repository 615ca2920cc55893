import { bool, choice, defineOptions } from '@jebena/options';
import { compose } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fsttablecompose',
  summary: 'Composes two transducers (the same as fstcompose: the longer list of arcs is always the one searched).',
  options: defineOptions({
    connect: bool(true, 'Drop what lies on no path'),
    matchSide: choice('left', ['left', 'right'], 'Accepted for scripts'),
    composeFilter: choice('sequence', ['sequence', 'auto', 'match', 'alt_sequence'], 'Accepted for scripts'),
  }),
  inputs: 2,
  apply: ([a, b], { connect }) => compose(a!, b!, { connect }),
});
