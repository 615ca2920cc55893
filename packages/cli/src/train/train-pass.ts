import type { Minibatch } from '@jebena/egs';
import { type Engine, engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import type { Network } from '@jebena/graph';
import { atLeast, bool, defineOptions, float, int, type OptionValues } from '@jebena/options';
import {
  addOutputs,
  type DerivativeLimits,
  kaldiSgd,
  type OptimizerFactory,
  type OutputSums,
  train,
  type TrainOptions,
} from '@jebena/train';
import { writeModel } from '../graph/models.js';
import type { ProgramContext } from '../program.js';
import { PassLog } from './pass-log.js';
import { pickEngine } from './pick-engine.js';

const [leastTime, mostTime] = [-(2 ** 31), 2 ** 31 - 1];

/** Options of all programs that train. */
export const trainPassOptions = defineOptions({
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
  'optimization.minDerivTime': int(leastTime, 'Derivatives are taken from this time on'),
  'optimization.maxDerivTime': int(mostTime, 'Derivatives are taken up to this time'),
  'optimization.maxDerivTimeRelative': int(
    mostTime,
    'Derivatives are taken up to so many frames after the last time of the outputs',
  ),
  ...engineOptions,
});

/** Where derivatives are taken, as a program's options say it. */
export function derivativeLimits(given: OptionValues<typeof trainPassOptions>): DerivativeLimits {
  const finite = (time: number): number => (time === leastTime ? -Infinity : time === mostTime ? Infinity : time);
  return {
    first: finite(given['optimization.minDerivTime']),
    last: finite(given['optimization.maxDerivTime']),
    lastRelative: finite(given['optimization.maxDerivTimeRelative']),
  };
}

interface TrainPass {
  readonly network: Network;
  readonly objective: TrainOptions['objective'];
  readonly minibatches: AsyncIterable<Minibatch>;
  readonly modelOut: string;
  readonly given: OptionValues<typeof trainPassOptions>;
  readonly context: ProgramContext;
  /** Also print the lines that the scripts of chain training look for. */
  readonly forScripts?: boolean;
}

/** Kaldi's optimizer as a program's options ask for it. */
export const passOptimizer = (given: OptionValues<typeof trainPassOptions>): OptimizerFactory =>
  kaldiSgd({
    maxParamChange: given.maxParamChange,
    momentum: given.momentum,
    l2RegularizeFactor: given.l2RegularizeFactor,
    backstitchScale: given.backstitchTrainingScale,
    backstitchInterval: given.backstitchTrainingInterval,
    seed: given.srand,
  });

/** One pass over minibatches with Kaldi's optimizer, told as Kaldi's programs tell it; the exit code. */
export async function trainPass({
  network,
  objective,
  minibatches,
  modelOut,
  given,
  context,
  forScripts = false,
}: TrainPass): Promise<number> {
  const engine: Engine = await createEngine(pickEngine(given));
  const start = given.zeroComponentStats ? network.withoutStatistics() : network;
  const model = start.load(engine);
  const optimizer = passOptimizer(given)(model);
  let totals: Readonly<Record<string, OutputSums>> = {};
  const stage = train(model, {
    objective,
    optimizer,
    // Each component's own rate, as the model holds it.
    schedule: () => Number.NaN,
    totalSteps: Infinity,
    reportEvery: given.printInterval,
    seed: given.srand,
    batchNormStatsScale: given.batchnormStatsScale,
    storeStatistics: given.storeComponentStats,
    derivativeLimits: derivativeLimits(given),
    signal: context.signal,
  });
  const told = new PassLog(context.log, given.printInterval);
  let steps = 0;
  for await (const event of stage(minibatches)) {
    if (event.type === 'end') {
      if (event.failed) context.warn(`${event.failed} of ${event.step} minibatches were left out`);
      continue;
    }
    for (const { minibatch, output, reason } of event.failed ?? [])
      context.warn(`minibatch '${minibatch}', output '${output}', is left out: ${reason}`);
    steps = event.step;
    told.add(event);
    totals = addOutputs(totals, event.outputs);
  }
  told.end(steps, totals, forScripts);
  if (steps === 0) return (context.warn('there were no examples'), 1);
  await writeModel(modelOut, await model.save(), given.binary);
  context.log(`Wrote raw model to ${modelOut}`);
  return 0;
}
