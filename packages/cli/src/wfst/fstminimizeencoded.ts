import { defineOptions, float } from '@jebena/options';
import { minimizeEncoded } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstminimizeencoded',
  summary: 'Minimizes with labels and cost of an arc taken as one symbol.',
  options: defineOptions({ delta: float(1 / 1024, 'Costs closer than this are taken as equal') }),
  apply: ([fst], { delta }) => minimizeEncoded(fst!, { delta }),
});
