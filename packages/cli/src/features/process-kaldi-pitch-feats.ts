import { processPitch, processPitchOptions, seedFor } from '@jebena/features';
import { defineOptions, int } from '@jebena/options';
import { defineProgram } from '../program.js';
import { changeMatrices } from './matrix-program.js';

export const program = defineProgram({
  name: 'process-kaldi-pitch-feats',
  summary: 'Turns raw pitch (correlation, hertz) into features for recognition.',
  usage: ['<feat-rspecifier> <feats-wspecifier>'],
  options: defineOptions({ ...processPitchOptions, srand: int(0, 'Seed of the noise added to the delta') }),
  args: [2, 2],
  run: ([input, output], { srand, ...options }, context) =>
    changeMatrices(input!, output!, (raw, key) => processPitch(raw, options, seedFor(srand, key)), context),
});
