import { addWordPenalty } from '@jebena/decode';
import { defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyLattices } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-add-penalty',
  summary: 'Adds a word insertion penalty to the graph costs.',
  usage: ['<lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({ wordInsPenalty: float(0, 'Word insertion penalty') }),
  args: [2, 2],
  run: (files, { wordInsPenalty }, context) =>
    copyLattices(files, (lattice) => addWordPenalty(lattice, wordInsPenalty), context),
});
