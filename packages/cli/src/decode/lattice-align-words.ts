import { parseWordBoundaries } from '@jebena/decode';
import { bool, defineOptions, int } from '@jebena/options';
import { readLines } from '../io-ark/lines.js';
import { readObject } from '../io-ark/tables.js';
import { transitionModelHolder } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { alignLattices } from './align-lattices.js';

export const program = defineProgram({
  name: 'lattice-align-words',
  summary: 'Makes each arc stand for one word or silence, by phones that are marked by position (word_boundary.int).',
  usage: ['<word-boundary-file> <model> <lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    outputErrorLats: bool(true, 'If true, a lattice that cannot be aligned is written as it is, with a warning'),
    silenceLabel: int(0, 'Numeric id of the word label that silence gets; 0: none'),
  }),
  args: [4, 4],
  run: async ([boundaryFile, modelFile, input, output], { outputErrorLats, silenceLabel }, context) => {
    const alignment = parseWordBoundaries(await readLines(boundaryFile!), boundaryFile);
    const model = await readObject(transitionModelHolder, modelFile!);
    return alignLattices([input!, output!], model, { ...alignment, silenceLabel }, outputErrorLats, context);
  },
});
