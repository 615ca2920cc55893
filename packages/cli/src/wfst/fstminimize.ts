import { defineOptions, float } from '@jebena/options';
import { minimize } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstminimize',
  summary: 'Minimizes a deterministic machine.',
  options: defineOptions({ delta: float(1 / 1024, 'Costs closer than this are taken as equal') }),
  apply: ([fst], { delta }) => minimize(fst!, { delta }),
});
