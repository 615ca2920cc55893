import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { defineOptions, UsageError } from '@jebena/options';
import type { Item } from '@jebena/stream';
import { latgen, latgenOptions } from '../decode/latgen.js';
import { readAcousticModel } from '../graph/models.js';
import { readTable } from '../io-ark/tables.js';
import { defineProgram, type Program, type ProgramContext } from '../program.js';
import { type Ivectors, ivectorTable } from '../graph/compute.js';
import { computeOptions } from '../graph/compute-options.js';
import { type LoopedUtterance, loopedOptions, loopedScores } from './looped-scores.js';
import { pickOptions } from './pick-options.js';

const { ivectors, utt2spk, onlineIvectors, onlineIvectorPeriod } = computeOptions;
const options = defineOptions({
  ...loopedOptions,
  ...latgenOptions,
  ivectors,
  utt2spk,
  onlineIvectors,
  onlineIvectorPeriod,
});

/** Features, and the iVectors that go with them; utterances without are left out. */
async function* utterances(
  input: string,
  ivectors: Ivectors | undefined,
  period: number,
  context: ProgramContext,
): AsyncGenerator<Item<LoopedUtterance>> {
  try {
    for await (const [key, feats] of readTable(matrixHolder, input, context)) {
      const found = await ivectors?.get(key);
      if (ivectors && !found) context.warn(`No iVectors for utterance ${key}`);
      else yield [key, { pieces: [feats], ivector: found && ((end) => row(found, end, period)) }];
    }
  } finally {
    await ivectors?.close();
  }
}

const row = ({ rows, cols, data }: Matrix, end: number, period: number): Float32Array => {
  const r = rows === 1 ? 0 : Math.min(rows - 1, Math.floor(end / period));
  return data.slice(r * cols, (r + 1) * cols);
};

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
    const { onlineIvectors: online, onlineIvectorPeriod: period } = given;
    if (online && period <= 0)
      throw new UsageError('option --online-ivector-period: expected a number above 0 with --online-ivectors');
    const feats = utterances(input!, ivectorTable(given, context), period, context);
    const scores = loopedScores(model, feats, pickOptions(loopedOptions, given), context);
    const files = { graph: graph!, lattices: lattices!, words, alignments };
    return latgen(scores, model.transitions, files, pickOptions(latgenOptions, given), context);
  },
});
