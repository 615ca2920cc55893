import { defineOptions, float } from '@jebena/options';
import { determinize } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstdeterminize',
  summary: 'Determinizes on the input side, epsilon being a label like others.',
  options: defineOptions({ delta: float(1 / 1024, 'Costs closer than this are taken as equal') }),
  apply: ([fst], { delta }) => determinize(fst!, { delta }),
});
