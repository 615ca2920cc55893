import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { formatFloat } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { evaluate } from '@jebena/train';
import { readNetwork } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { pickEngine } from '../train/pick-engine.js';
import { perFrame } from '../train/pass-log.js';
import { scriptOptions } from '../train/script-options.js';
import { chainMinibatches } from './chain-minibatches.js';
import { chainOptions, denominatorUsage, readChainObjective } from './chain-options.js';

const options = defineOptions({ ...chainOptions, ...scriptOptions, ...engineOptions });

/** Prints the LF-MMI objective of a network on merged examples, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-chain-compute-prob',
  summary: 'Computes the lattice-free MMI objective of a network on chain examples.',
  usage: [`<raw-model-in> ${denominatorUsage} <chain-examples-in>`],
  options,
  args: [3, 3],
  run: async ([modelIn, denominator, egs], given, context) => {
    const network = await readNetwork(modelIn!);
    const objective = await readChainObjective(denominator!, network, given);
    const model = network.load(await createEngine(pickEngine(given)));
    const minibatches = chainMinibatches(egs!, { xent: given.xentRegularize !== 0, derivWeights: false }, context);
    const outputs = await evaluate(model, minibatches, objective, { signal: context.signal });
    for (const [output, sums] of Object.entries(outputs))
      context.log(
        `Overall log-probability for '${output}' is ${perFrame(sums)} per frame, over ${formatFloat(sums.weight, 6)} frames.`,
      );
    return Object.keys(outputs).length > 0 ? 0 : 1;
  },
});
