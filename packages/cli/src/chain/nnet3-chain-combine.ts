import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { formatFloat } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int } from '@jebena/options';
import { collect } from '@jebena/stream';
import { bestAverage } from '@jebena/train';
import { readNetwork, writeModel } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { pickEngine } from '../train/pick-engine.js';
import { chainMinibatches } from './chain-minibatches.js';
import { chainOptions, chainScriptOptions, denominatorUsage, readChainObjective } from './chain-options.js';

const options = defineOptions({
  ...chainOptions,
  ...chainScriptOptions,
  binary: bool(true, 'Write the model in binary'),
  maxObjectiveEvaluations: int(30, 'At most so many averages are measured', atLeast(1)),
  batchnormTestMode: bool(false, 'Measure with batch norm by its statistics'),
  dropoutTestMode: bool(true, 'Measure without dropout'),
  ...engineOptions,
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
    const best = await bestAverage(
      inputs.map((input) => () => readNetwork(input)),
      minibatches,
      {
        engine,
        objective: await readChainObjective(denominator!, await readNetwork(inputs[0]!), given),
        maxObjectiveEvaluations: given.maxObjectiveEvaluations,
        batchNormTestMode: given.batchnormTestMode,
        dropoutTestMode: given.dropoutTestMode,
        signal: context.signal,
      },
    );
    const [from, to] = [best.initialObjective, best.objective].map((v) => formatFloat(v, 6));
    context.log(`Combining ${best.networks} nnets, objective function changed from ${from} to ${to}`);
    await writeModel(output, best.network, given.binary);
    context.log(`Finished combining neural nets, wrote model to ${output}`);
    return 0;
  },
});
