import { bool, defineOptions } from '@jebena/options';
import { push } from '@jebena/wfst';
import { fstProgram } from './fst-program.js';

export const program = fstProgram({
  name: 'fstpush',
  summary: 'Moves costs or output labels along paths.',
  options: defineOptions({
    pushWeights: bool(false, 'Move costs'),
    pushLabels: bool(false, 'Move output labels'),
    removeTotalWeight: bool(false, 'Leave the cost of all paths together off'),
    toFinal: bool(false, 'Move costs to the final states'),
  }),
  apply: ([fst], { pushWeights, pushLabels, removeTotalWeight, toFinal }) =>
    push(fst!, {
      weights: pushWeights,
      labels: pushLabels,
      removeTotal: removeTotalWeight,
      to: toFinal ? 'final' : 'initial',
    }),
});
