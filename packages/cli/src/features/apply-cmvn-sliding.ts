import { slidingCmvn, slidingCmvnOptions } from '@jebena/features';
import { defineProgram } from '../program.js';
import { changeMatrices, unlessEmpty } from './matrix-program.js';

export const program = defineProgram({
  name: 'apply-cmvn-sliding',
  summary: 'Normalises mean and, if asked, variance by a sliding window.',
  usage: ['<feats-rspecifier> <feats-wspecifier>'],
  options: slidingCmvnOptions,
  args: [2, 2],
  run: ([input, output], options, context) =>
    changeMatrices(
      input!,
      output!,
      (feats, key) => unlessEmpty(feats, key, context) && slidingCmvn(feats, options),
      context,
    ),
});
