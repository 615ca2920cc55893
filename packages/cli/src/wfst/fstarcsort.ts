import { choice, defineOptions } from '@jebena/options';
import { arcSort } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstarcsort',
  summary: 'Sorts the arcs of each state.',
  options: defineOptions({ sortType: choice('ilabel', ['ilabel', 'olabel'], 'By which label') }),
  apply: ([fst], { sortType }) => arcSort(fst!, { by: sortType }),
});
