import { defineOptions } from '@jebena/options';
import { readAcousticModel } from '../graph/models.js';
import { defineProgram } from '../program.js';
import { latgen, latgenOptions } from './latgen.js';
import { networkOptions, networkScores } from './network-scores.js';

export const program = defineProgram({
  name: 'nnet3-latgen-faster',
  summary: 'Runs a network over features and makes lattices.',
  usage: [
    '<nnet-in> <fst-in|fsts-rspecifier> <features-rspecifier> <lattice-wspecifier> [<words-wspecifier> [<alignments-wspecifier>]]',
  ],
  options: defineOptions({ ...networkOptions, ...latgenOptions }),
  args: [4, 6],
  run: async ([modelFile, graph, input, lattices, words, alignments], options, context) => {
    const model = await readAcousticModel(modelFile!);
    const { scores, close } = await networkScores(model, input!, options, context);
    const search = Object.fromEntries(
      Object.keys(latgenOptions).map((name) => [name, options[name as keyof typeof options]]),
    );
    try {
      const files = { graph: graph!, lattices: lattices!, words, alignments };
      return await latgen(scores, model.transitions, files, search as typeof options, context);
    } finally {
      await close();
    }
  },
});
