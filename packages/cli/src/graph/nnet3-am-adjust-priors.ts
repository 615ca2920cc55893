import { formatFloat, vectorHolder } from '@jebena/io-ark';
import { UsageError, bool, defineOptions, float } from '@jebena/options';
import { readObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readAcousticModel, writeModel } from './models.js';

export const program = defineProgram({
  name: 'nnet3-am-adjust-priors',
  summary: 'Sets the priors of an acoustic model to the sum of its posteriors on typical data, made to sum to 1.',
  usage: ['<nnet-in> <summed-posterior-vector-in> <nnet-out>'],
  options: defineOptions({
    binary: bool(true, 'Write output in binary mode'),
    priorFloor: float(
      1e-15,
      'When setting priors, floor for priors (only used to avoid generating NaNs upon inversion)',
    ),
  }),
  args: [3, 3],
  run: async ([input, posteriors, output], { binary, priorFloor }, { log, warn }) => {
    const model = await readAcousticModel(input!);
    const counts = await readObject(vectorHolder, posteriors!);
    const sum = counts.reduce((a, b) => a + b, 0);
    if (!(sum > 0)) throw new UsageError(`${posteriors}: expected posteriors that sum to more than 0, found ${sum}`);
    const dim = model.network.outputDim();
    if (counts.length !== dim)
      throw new UsageError(`${posteriors}: expected ${dim} posteriors, found ${counts.length}`);
    // Kaldi takes the option and does not look at it.
    const priors = Float32Array.from(counts, (count) => Math.max(count / sum, priorFloor));
    compare(model.priors, priors, log, warn);
    await writeModel(output!, model.with({ priors }), binary);
    log(`Modified priors of neural network model and wrote it to ${output}`);
  },
});

type Say = (text: string) => void;

/** Says how far new priors are from old ones. */
function compare(before: Float32Array, after: Float32Array, log: Say, warn: Say): void {
  if (before.length === 0) return log('Model did not previously have priors attached.');
  if (before.length !== after.length) return warn(`There were ${before.length} priors and now are ${after.length}`);
  let most = 0;
  const difference = (i: number): number => Math.abs(after[i]! - before[i]!);
  for (let i = 1; i < after.length; i++) if (difference(i) > difference(most)) most = i;
  const show = (value: number): string => formatFloat(value, 6);
  log(
    `Adjusting priors: largest absolute difference was for pdf ${most}, ${show(before[most]!)} -> ${show(after[most]!)}`,
  );
  const total = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
  const [sumBefore, sumAfter] = [total(before), total(after)];
  if (Math.abs(sumBefore - 1) > 0.01) warn(`The old priors sum to ${show(sumBefore)}`);
  let divergence = 0;
  before.forEach((p, i) => {
    const share = p / sumBefore;
    if (share > 0) divergence += share * Math.log(share / (after[i]! / sumAfter));
  });
  log(`Adjusting priors: K-L divergence from old to new is ${show(divergence)}`);
}
