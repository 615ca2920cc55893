import { defineOptions } from '@jebena/options';
import { readNetwork } from '../graph/models.js';
import { outputObjectives } from '@jebena/train';
import { defineProgram, type Program } from '../program.js';
import { egsMinibatches } from './egs-minibatches.js';
import { scriptOptions } from './script-options.js';
import { trainPass, trainPassOptions } from './train-pass.js';

const options = defineOptions({ ...scriptOptions, ...trainPassOptions });

/** Trains a network on merged examples, one pass over them, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-train',
  summary: 'Trains a network by stochastic gradient descent on examples that have been merged to minibatches.',
  usage: ['<raw-model-in> <training-examples-in> <raw-model-out>'],
  options,
  args: [3, 3],
  run: async ([modelIn, egs, modelOut], given, context) => {
    const network = await readNetwork(modelIn!);
    return trainPass({
      network,
      objective: outputObjectives(network),
      minibatches: egsMinibatches(egs!, context),
      modelOut: modelOut!,
      given,
      context,
    });
  },
});
