import type { Minibatch } from '@jebena/egs';
import { type Engine, engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import type { Network } from '@jebena/graph';
import { formatFloat } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, float, int, type OptionValues } from '@jebena/options';
import { addOutputs, kaldiSgd, type OutputSums, train, type TrainOptions } from '@jebena/train';
import { writeModel } from '../graph/models.js';
import type { ProgramContext } from '../program.js';
import { pickEngine } from './pick-engine.js';

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
  ...engineOptions,
});

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

/** The objective a frame as Kaldi's programs print it: with regularization, `X + Y = sum`. */
export function perFrame({ objective, auxiliary, weight }: OutputSums): string {
  const main = formatFloat(objective / weight, 6);
  if (auxiliary === undefined) return main;
  const sum = formatFloat((objective + auxiliary) / weight, 6);
  return `${main} + ${formatFloat(auxiliary / weight, 6)} = ${sum}`;
}

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
    objective,
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
  for await (const event of stage(minibatches)) {
    if (event.type === 'end') continue;
    for (const [output, sums] of Object.entries(event.outputs))
      context.log(
        `Average objective function for '${output}' for minibatches ${firstStep}-${event.step - 1} is ${perFrame(sums)} over ${formatFloat(sums.weight, 6)} frames.`,
      );
    firstStep = event.step;
    totals = addOutputs(totals, event.outputs);
  }
  for (const [output, sums] of Object.entries(totals)) {
    context.log(
      `Overall average objective function for '${output}' is ${perFrame(sums)} over ${formatFloat(sums.weight, 6)} frames.`,
    );
    if (forScripts) {
      const value = (sums.objective + (sums.auxiliary ?? 0)) / sums.weight;
      context.log(`[this line is to be parsed by a script:] log-prob-per-frame=${formatFloat(value, 6)}`);
    }
  }
  if (firstStep === 0) return (context.warn('there were no examples'), 1);
  await writeModel(modelOut, await model.save(), given.binary);
  context.log(`Wrote raw model to ${modelOut}`);
  return 0;
}
