import { nBestLattices } from '@jebena/decode';
import { defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyLattices } from './lattice-program.js';
import { scaleOptions } from './scale-options.js';

export const program = defineProgram({
  name: 'lattice-1best',
  summary: 'Writes the best path of each lattice as a lattice of one path.',
  usage: ['<lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    ...scaleOptions,
    wordInsPenalty: float(0, 'Cost added for each word when paths are compared'),
  }),
  args: [2, 2],
  run: (files, { wordInsPenalty: wordPenalty, ...scales }, context) =>
    copyLattices(files, (lattice) => nBestLattices(lattice, 1, { ...scales, wordPenalty })[0], context),
});
