import { type MinibatchOutput, Random } from '@jebena/egs';
import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { UsageError, atLeast, bool, defineOptions, float, int } from '@jebena/options';
import { LdaStatistics, ldaStatisticsHolder } from '@jebena/train';
import { readNetwork } from '../graph/models.js';
import { writeObject } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { egsOutputs } from './egs-outputs.js';
import { pickEngine } from './pick-engine.js';

const options = defineOptions({
  binary: bool(true, 'Write the statistics in binary'),
  randPrune: float(0, 'Weights below this are drawn: rounded up to it, or dropped; 0: all count', atLeast(0)),
  srand: int(0, 'Seed of these draws'),
  ...engineOptions,
});

/** The classes of an output's rows with their weights. */
function* classesOf({
  name,
  targets,
  weights,
}: MinibatchOutput): Generator<[row: number, label: number, weight: number]> {
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  if (targets.kind === 'labels')
    for (const [row, label] of targets.labels.entries()) {
      if (label >= 0) yield [row, label, weightOf(row)];
    }
  else if (targets.kind === 'posterior')
    for (let row = 0; row + 1 < targets.rowStart.length; row++)
      for (let i = targets.rowStart[row]!; i < targets.rowStart[row + 1]!; i++)
        yield [row, targets.labels[i]!, targets.weights[i]! * weightOf(row)];
  else throw new UsageError(`output '${name}': expected classes as targets, found ${targets.kind} ones`);
}

/** Gathers LDA statistics of a network's output, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-acc-lda-stats',
  summary: "Gathers means and covariances by class of a network's output on examples, to make a feature transform of.",
  usage: ['<raw-nnet-in> <training-examples-in> <lda-stats-out>'],
  options,
  args: [3, 3],
  run: async ([modelIn, egs, output], given, context) => {
    const network = await readNetwork(modelIn!);
    const engine = await createEngine(pickEngine(given));
    const random = Random.of(given.srand, 'nnet3-acc-lda-stats');
    const pruned = (weight: number): number =>
      weight >= given.randPrune ? weight : random.unit() * given.randPrune < weight ? given.randPrune : 0;
    let statistics: LdaStatistics | undefined;
    let count = 0;
    for await (const [minibatch, y] of egsOutputs(network, engine, egs!, {}, context)) {
      const target = minibatch.outputs.find((o) => o.name === 'output');
      if (!target) throw new UsageError(`${egs}: example '${minibatch.key}': expected an output 'output', found none`);
      statistics ??= new LdaStatistics(y.cols, target.targets.dim);
      for (const [row, label, weight] of classesOf(target)) {
        const counted = pruned(weight);
        if (counted > 0) statistics.add(y.data.subarray(row * y.cols, (row + 1) * y.cols), label, counted);
      }
      count++;
    }
    if (!statistics) return (context.warn(`${egs}: there were no examples`), 1);
    await writeObject(ldaStatisticsHolder, output!, statistics, given.binary);
    context.log(`Accumulated stats from ${count} examples, wrote to ${output}`);
    return 0;
  },
});
