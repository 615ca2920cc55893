import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { formatFloat } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int } from '@jebena/options';
import { collect } from '@jebena/stream';
import { bestAverage, outputObjectives } from '@jebena/train';
import { readNetwork, writeModel } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { egsMinibatches } from './egs-minibatches.js';
import { pickEngine } from './pick-engine.js';

const options = defineOptions({
  binary: bool(true, 'Write the model in binary'),
  maxObjectiveEvaluations: int(30, 'At most so many averages are measured', atLeast(1)),
  batchnormTestMode: bool(false, 'Measure with batch norm by its statistics'),
  dropoutTestMode: bool(true, 'Measure without dropout'),
  ...engineOptions,
});

/** Averages as many of the networks, from the first, as does best on examples, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-combine',
  summary: 'Averages as many of the networks, from the first, as does best on examples; give the newest first.',
  usage: ['<nnet-in1> <nnet-in2> ... <nnet-inN> <valid-examples-in> <nnet-out>'],
  options,
  args: [3, Infinity],
  run: async (args, given, context) => {
    const [inputs, egs, output] = [args.slice(0, -2), args.at(-2)!, args.at(-1)!];
    const engine = await createEngine(pickEngine(given));
    const minibatches = await collect(egsMinibatches(egs, context));
    if (minibatches.length === 0) return (context.warn(`${egs}: there were no examples`), 1);
    const first = await readNetwork(inputs[0]!);
    const best = await bestAverage(
      inputs.map((input) => () => readNetwork(input)),
      minibatches,
      {
        engine,
        objective: outputObjectives(first),
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
