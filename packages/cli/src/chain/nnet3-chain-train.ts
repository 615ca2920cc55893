import { defineOptions } from '@jebena/options';
import { readNetwork } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { trainPass, trainPassOptions } from '../train/train-pass.js';
import { scriptOptions } from '../train/script-options.js';
import { chainMinibatches } from './chain-minibatches.js';
import { applyDerivWeights, chainOptions, denominatorUsage, readChainObjective } from './chain-options.js';

const options = defineOptions({
  ...chainOptions,
  ...scriptOptions,
  applyDerivWeights,
  ...trainPassOptions,
});

/** Trains a network by LF-MMI on merged examples, one pass over them, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-chain-train',
  summary: 'Trains a network by lattice-free MMI on chain examples that have been merged to minibatches.',
  usage: [`<raw-model-in> ${denominatorUsage} <chain-training-examples-in> <raw-model-out>`],
  options,
  args: [4, 4],
  run: async ([modelIn, denominator, egs, modelOut], given, context) => {
    const network = await readNetwork(modelIn!);
    const wanted = { xent: given.xentRegularize !== 0, derivWeights: given.applyDerivWeights };
    return trainPass({
      network,
      objective: await readChainObjective(denominator!, network, given),
      minibatches: chainMinibatches(egs!, wanted, context),
      modelOut: modelOut!,
      given,
      context,
      forScripts: true,
    });
  },
});
