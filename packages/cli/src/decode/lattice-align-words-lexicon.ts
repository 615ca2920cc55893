import { parseAlignLexicon } from '@jebena/decode';
import { bool, defineOptions } from '@jebena/options';
import { readLines } from '../io-ark/lines.js';
import { readObject } from '../io-ark/tables.js';
import { transitionModelHolder } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { alignLattices } from './align-lattices.js';

export const program = defineProgram({
  name: 'lattice-align-words-lexicon',
  summary: 'Makes each arc stand for one word or silence, by the pronunciations of align_lexicon.int.',
  usage: ['<lexicon-file> <model> <lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    outputErrorLats: bool(true, 'If true, a lattice that cannot be aligned is written as it is, with a warning'),
  }),
  args: [4, 4],
  run: async ([lexiconFile, modelFile, input, output], { outputErrorLats }, context) => {
    const alignment = parseAlignLexicon(await readLines(lexiconFile!), lexiconFile);
    const model = await readObject(transitionModelHolder, modelFile!);
    return alignLattices([input!, output!], model, alignment, outputErrorLats, context);
  },
});
