import { type Engine, engineOptions } from '@jebena/engine';
import type { Minibatch } from '@jebena/egs';
import { formatFloat } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int, type OptionValues } from '@jebena/options';
import { bestAverage, type BestAverageSettings } from '@jebena/train';
import { readNetwork, writeModel } from '../graph/models.js';
import type { ProgramContext } from '../program.js';

/** What nnet3-combine and nnet3-chain-combine both take. */
export const combineOptions = defineOptions({
  binary: bool(true, 'Write the model in binary'),
  maxObjectiveEvaluations: int(30, 'At most so many averages are measured', atLeast(1)),
  batchnormTestMode: bool(false, 'Measure with batch norm by its statistics'),
  dropoutTestMode: bool(true, 'Measure without dropout'),
  ...engineOptions,
});

/** Averages as many of the networks, from the first, as does best, and writes the average. */
export async function combine(
  { inputs, output }: { readonly inputs: readonly string[]; readonly output: string },
  minibatches: readonly Minibatch[],
  { engine, objective }: { readonly engine: Engine; readonly objective: BestAverageSettings['objective'] },
  given: OptionValues<typeof combineOptions>,
  { log, signal }: ProgramContext,
): Promise<void> {
  const best = await bestAverage(
    inputs.map((input) => () => readNetwork(input)),
    minibatches,
    {
      engine,
      objective,
      maxObjectiveEvaluations: given.maxObjectiveEvaluations,
      batchNormTestMode: given.batchnormTestMode,
      dropoutTestMode: given.dropoutTestMode,
      signal,
    },
  );
  const [from, to] = [best.initialObjective, best.objective].map((v) => formatFloat(v, 6));
  log(`Combining ${best.networks} nnets, objective function changed from ${from} to ${to}`);
  await writeModel(output, best.network, given.binary);
  log(`Finished combining neural nets, wrote model to ${output}`);
}
