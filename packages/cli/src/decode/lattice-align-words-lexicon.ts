import { bool, defineOptions } from '@jebena/options';
import { readObject } from '../io-ark/tables.js';
import { transitionModelHolder } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { alignLattices } from './align-lattices.js';
import { readAlignLexicon } from './word-lexicon.js';

export const program = defineProgram({
  name: 'lattice-align-words-lexicon',
  summary: 'Makes each arc stand for one word or silence, by the pronunciations of align_lexicon.int.',
  usage: ['<lexicon-file> <model> <lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    outputErrorLats: bool(true, 'If true, a lattice that cannot be aligned is written as it is, with a warning'),
  }),
  args: [4, 4],
  run: async ([lexiconFile, modelFile, input, output], { outputErrorLats }, context) => {
    const lexicon = await readAlignLexicon(lexiconFile!);
    const model = await readObject(transitionModelHolder, modelFile!);
    const silencePhones = new Set(
      (lexicon.get(0) ?? []).filter((phones) => phones.length === 1).map(([phone]) => phone!),
    );
    const alignment = { pronunciations: (word: number) => lexicon.get(word) ?? [], silencePhones };
    return alignLattices([input!, output!], model, alignment, outputErrorLats, context);
  },
});
