import { subsampleFrames, subsampleOptions } from '@jebena/features';
import { defineProgram } from '../program.js';
import { changeMatrices } from './matrix-program.js';

export const program = defineProgram({
  name: 'subsample-feats',
  summary: 'Takes every n-th frame, or repeats each frame.',
  usage: ['<in-rspecifier> <out-wspecifier>'],
  options: subsampleOptions,
  args: [2, 2],
  run: ([input, output], options, context) =>
    changeMatrices(
      input!,
      output!,
      (feats, key) => {
        const result = subsampleFrames(feats, options);
        if (result.rows > 0) return result;
        return void context.warn(`For utterance ${key}, output would have no rows, producing no output.`);
      },
      context,
    ),
});
