import { createEngine } from '@jebena/engine/node';
import { defineOptions } from '@jebena/options';
import { collect } from '@jebena/stream';
import { readNetwork } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { combine, combineOptions } from '../train/combine.js';
import { pickEngine } from '../train/pick-engine.js';
import { scriptOptions } from '../train/script-options.js';
import { chainMinibatches } from './chain-minibatches.js';
import { chainOptions, denominatorUsage, readChainObjective } from './chain-options.js';

const options = defineOptions({
  ...chainOptions,
  ...scriptOptions,
  ...combineOptions,
});

/** Averages as many networks, from the first, as does best by LF-MMI, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-chain-combine',
  summary: 'Averages as many of the networks, from the first, as does best on chain examples; give the newest first.',
  usage: [`${denominatorUsage} <raw-nnet-in1> <raw-nnet-in2> ... <raw-nnet-inN> <chain-examples-in> <raw-nnet-out>`],
  options,
  args: [4, Infinity],
  run: async ([denominator, ...args], given, context) => {
    const [inputs, egs, output] = [args.slice(0, -2), args.at(-2)!, args.at(-1)!];
    const engine = await createEngine(pickEngine(given));
    const wanted = { xent: given.xentRegularize !== 0, derivWeights: false };
    const minibatches = await collect(chainMinibatches(egs, wanted, context));
    context.log(`Read ${minibatches.length} examples.`);
    if (minibatches.length === 0) return 1;
    const objective = await readChainObjective(denominator!, await readNetwork(inputs[0]!), given);
    await combine({ inputs, output }, minibatches, { engine, objective }, given, context);
    return 0;
  },
});
