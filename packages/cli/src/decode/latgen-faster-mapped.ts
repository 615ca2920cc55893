import { matrixHolder } from '@jebena/io-ark';
import { readObject, readTable } from '../io-ark/tables.js';
import { transitionModelHolder } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { latgen, latgenOptions } from './latgen.js';

export const program = defineProgram({
  name: 'latgen-faster-mapped',
  summary: 'Makes lattices of matrices of log-likelihoods.',
  usage: [
    '<trans-model-in> (<fst-in>|<fsts-rspecifier>) <loglikes-rspecifier> <lattice-wspecifier> [<words-wspecifier> [<alignments-wspecifier>]]',
  ],
  options: latgenOptions,
  args: [4, 6],
  run: async ([modelFile, graph, input, lattices, words, alignments], options, context) => {
    const model = await readObject(transitionModelHolder, modelFile!);
    const scores = readTable(matrixHolder, input!, context);
    return latgen(scores, model, { graph: graph!, lattices: lattices!, words, alignments }, options, context);
  },
});
