import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { atLeast, bool, defineOptions, float, int } from '@jebena/options';
import { gatherLdaStatistics, ldaStatisticsHolder } from '@jebena/train';
import { readNetwork } from '../graph/models.js';
import { writeObject } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { egsMinibatches } from './egs-minibatches.js';
import { pickEngine } from './pick-engine.js';

const options = defineOptions({
  binary: bool(true, 'Write the statistics in binary'),
  randPrune: float(0, 'Weights below this are drawn: rounded up to it, or dropped; 0: all count', atLeast(0)),
  srand: int(0, 'Seed of these draws'),
  ...engineOptions,
});

/** Gathers LDA statistics of a network's output, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-acc-lda-stats',
  summary: "Gathers means and covariances by class of a network's output on examples, to make a feature transform of.",
  usage: ['<raw-nnet-in> <training-examples-in> <lda-stats-out>'],
  options,
  args: [3, 3],
  run: async ([modelIn, egs, output], given, context) => {
    const network = await readNetwork(modelIn!);
    const engine = await createEngine(pickEngine(given));
    const { statistics, minibatches } = await gatherLdaStatistics(network, engine, egsMinibatches(egs!, context), {
      randPrune: given.randPrune,
      seed: given.srand,
      signal: context.signal,
    });
    if (!statistics) return (context.warn(`${egs}: there were no examples`), 1);
    await writeObject(ldaStatisticsHolder, output!, statistics, given.binary);
    context.log(`Accumulated stats from ${minibatches} examples, wrote to ${output}`);
    return 0;
  },
});
