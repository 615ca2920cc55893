import { spliceFrames, spliceOptions } from '@jebena/features';
import { defineProgram } from '../program.js';
import { changeMatrices, unlessEmpty } from './matrix-program.js';

export const program = defineProgram({
  name: 'splice-feats',
  summary: "Puts each frame's neighbours beside it (before LDA, say).",
  usage: ['<feature-rspecifier> <feature-wspecifier>'],
  options: spliceOptions,
  args: [2, 2],
  run: async ([input, output], options, context) => {
    const change = changeMatrices(
      input!,
      output!,
      (feats, key) => unlessEmpty(feats, key, context) && spliceFrames(feats, options),
      context,
    );
    await change;
    return 0;
  },
});
