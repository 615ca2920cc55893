import { createEngine } from '@jebena/engine/node';
import { engineOptions } from '@jebena/engine';
import { formatFloat } from '@jebena/io-ark';
import { bool, defineOptions } from '@jebena/options';
import { evaluate, outputObjectives } from '@jebena/train';
import { readNetwork } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { egsMinibatches } from './egs-minibatches.js';
import { pickEngine } from './pick-engine.js';
import { scriptOptions } from './script-options.js';

const options = defineOptions({
  computeAccuracy: bool(true, 'Say the share of frames that are right, too'),
  ...scriptOptions,
  ...engineOptions,
});

/** Prints the objective and accuracy of a network on merged examples, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-compute-prob',
  summary: 'Computes the objective and accuracy of a network on examples.',
  usage: ['<raw-model-in> <examples-in>'],
  options,
  args: [2, 2],
  run: async ([modelIn, egs], given, context) => {
    const network = await readNetwork(modelIn!);
    const model = network.load(await createEngine(pickEngine(given)));
    const outputs = await evaluate(model, egsMinibatches(egs!, context), outputObjectives(network), {
      signal: context.signal,
    });
    const linear = new Set(network.outputs.filter((o) => o.objective === 'linear').map((o) => o.name));
    for (const [output, { objective, weight, correct }] of Object.entries(outputs)) {
      const over = `per frame, over ${formatFloat(weight, 6)} frames.`;
      context.log(
        `Overall ${linear.has(output) ? 'log-likelihood' : 'objective'} for '${output}' is ${formatFloat(objective / weight, 6)} ${over}`,
      );
      if (given.computeAccuracy && correct !== undefined)
        context.log(`Overall accuracy for '${output}' is ${formatFloat(correct / weight, 6)} ${over}`);
    }
    return Object.keys(outputs).length > 0 ? 0 : 1;
  },
});
