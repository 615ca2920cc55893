import { createEngine } from '@jebena/engine/node';
import { engineOptions } from '@jebena/engine';
import { formatFloat } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, float, int } from '@jebena/options';
import { addOutputs, kaldiSgd, type OutputSums, train } from '@jebena/train';
import { readNetwork, writeModel } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { egsMinibatches } from './egs-minibatches.js';
import { pickEngine } from './pick-engine.js';
import { outputObjectives } from './output-objectives.js';

const options = defineOptions({
  binary: bool(true, 'Write the model in binary'),
  maxParamChange: float(2, 'Largest change of all parameters in one minibatch; 0: no limit', atLeast(0)),
  momentum: float(0, 'Share of the last change that is made again', atLeast(0)),
  l2RegularizeFactor: float(1, "Factor on the components' l2-regularize", atLeast(0)),
  batchnormStatsScale: float(0.8, 'Share of the batch-norm statistics that outlives a minibatch', atLeast(0)),
  backstitchTrainingScale: float(0, 'Share by which a minibatch is first unlearned; 0: off', atLeast(0)),
  backstitchTrainingInterval: int(1, 'Every how many minibatches that is done', atLeast(1)),
  storeComponentStats: bool(true, 'Add up the statistics of nonlinearities and batch norm'),
  zeroComponentStats: bool(true, 'Begin with these statistics at zero'),
  printInterval: int(100, 'Minibatches between lines of progress', atLeast(1)),
  srand: int(0, 'Seed of all draws'),
  ...engineOptions,
});

/** Trains a network on merged examples, one pass over them, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-train',
  summary: 'Trains a network by stochastic gradient descent on examples that have been merged to minibatches.',
  usage: ['<raw-model-in> <training-examples-in> <raw-model-out>'],
  options,
  args: [3, 3],
  run: async ([modelIn, egs, modelOut], given, context) => {
    const network = await readNetwork(modelIn!);
    const engine = await createEngine(pickEngine(given));
    const start = given.zeroComponentStats ? network.withoutStatistics() : network;
    const model = start.load(engine);
    const optimizer = kaldiSgd({
      maxParamChange: given.maxParamChange,
      momentum: given.momentum,
      l2RegularizeFactor: given.l2RegularizeFactor,
      backstitchScale: given.backstitchTrainingScale,
      backstitchInterval: given.backstitchTrainingInterval,
      seed: given.srand,
    })(model);
    let totals: Readonly<Record<string, OutputSums>> = {};
    const stage = train(model, {
      objective: outputObjectives(network),
      optimizer,
      // Each component's own rate, as the model holds it.
      schedule: () => Number.NaN,
      totalSteps: Infinity,
      reportEvery: given.printInterval,
      seed: given.srand,
      batchNormStatsScale: given.batchnormStatsScale,
      storeStatistics: given.storeComponentStats,
      signal: context.signal,
    });
    let firstStep = 0;
    for await (const event of stage(egsMinibatches(egs!, context))) {
      if (event.type === 'end') continue;
      for (const [output, { objective, weight }] of Object.entries(event.outputs))
        context.log(
          `Average objective function for '${output}' for minibatches ${firstStep}-${event.step - 1} is ${formatFloat(objective / weight, 6)} over ${formatFloat(weight, 6)} frames.`,
        );
      firstStep = event.step;
      totals = addOutputs(totals, event.outputs);
    }
    for (const [output, { objective, weight }] of Object.entries(totals))
      context.log(
        `Overall average objective function for '${output}' is ${formatFloat(objective / weight, 6)} over ${formatFloat(weight, 6)} frames.`,
      );
    if (firstStep === 0) return (context.warn('there were no examples'), 1);
    await writeModel(modelOut!, await model.save(), given.binary);
    context.log(`Wrote raw model to ${modelOut}`);
    return 0;
  },
});
