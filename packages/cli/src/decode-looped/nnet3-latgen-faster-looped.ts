import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { mapValues } from '@jebena/stream';
import { latgen, latgenOptions } from '../decode/latgen.js';
import { readAcousticModel } from '../graph/models.js';
import { readTable } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { loopedOptions, loopedScores } from './looped-scores.js';
import { pickOptions } from './pick-options.js';

const options = defineOptions({ ...loopedOptions, ...latgenOptions });

export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-latgen-faster-looped',
  summary: 'Runs a network over features chunk by chunk, with carried state, and makes lattices.',
  usage: [
    '<nnet-in> <fst-in|fsts-rspecifier> <features-rspecifier> <lattice-wspecifier> [<words-wspecifier> [<alignments-wspecifier>]]',
  ],
  options,
  args: [4, 6],
  run: async ([modelFile, graph, input, lattices, words, alignments], given, context) => {
    const model = await readAcousticModel(modelFile!);
    const feats = mapValues((m: Matrix) => [m])(readTable(matrixHolder, input!, context));
    const scores = loopedScores(model, feats, pickOptions(loopedOptions, given), context);
    const files = { graph: graph!, lattices: lattices!, words, alignments };
    return latgen(scores, model.transitions, files, pickOptions(latgenOptions, given), context);
  },
});
