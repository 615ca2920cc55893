import { parseColumns, selectColumns } from '@jebena/features';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { changeMatrices } from './matrix-program.js';

export const program = defineProgram({
  name: 'select-feats',
  summary: 'Selects columns of features: 0,24-22,3-12.',
  usage: ['<selection> <in-rspecifier> <out-wspecifier>'],
  options: defineOptions({}),
  args: [3, 3],
  run: ([selection, input, output], _, context) => {
    const columns = parseColumns(selection!);
    return changeMatrices(input!, output!, (feats) => selectColumns(feats, columns), context);
  },
});
