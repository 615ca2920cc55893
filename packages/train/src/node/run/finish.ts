import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { shardMinibatches } from '@jebena/egs/node';
import type { Engine } from '@jebena/engine';
import { AcousticModel, type Network } from '@jebena/graph';
import type { TransitionModel } from '@jebena/hmm';
import { formatFloat } from '@jebena/io-ark';
import { bestAverage } from '../../averages/best-average.js';
import { outputsOf } from '../../trainer/outputs-of.js';
import { writeWhole } from '../write-whole.js';
import { isChain, subsampling } from './chain-options.js';
import type { Egs } from './egs.js';
import type { RunFolder } from './folder.js';
import { minibatchesOf } from './measure.js';
import type { TrainRunOptions } from './options.js';
import { readRaw } from './read-raw.js';
import type { TrainingBy } from './training-by.js';

/** The average of the last models that does best on examples, with what nnet3-combine, or nnet3-chain-combine, would print in a log. */
export async function combined(
  folder: RunFolder,
  models: readonly number[],
  egs: Egs,
  engine: Engine,
  { objective, program }: TrainingBy,
  rule: string,
  options: TrainRunOptions,
  signal: AbortSignal,
): Promise<{ network: Network; line: string }> {
  const there = models.filter((n) => existsSync(folder.model(n))).sort((a, b) => b - a);
  const minibatches = await minibatchesOf(egs.combine.length > 0 ? egs.combine : egs.train.slice(0, 1), rule);
  const networks = there.map((n) => async (): Promise<Network> => readRaw(folder.model(n)));
  const best = await bestAverage(networks, minibatches, {
    engine,
    objective,
    maxObjectiveEvaluations: options['trainer.optimization.maxObjectiveEvaluations'],
    signal,
  });
  const [from, to] = [best.initialObjective, best.objective].map((v) => formatFloat(v, 6));
  const line = `Combining ${best.networks} nnets, objective function changed from ${from} to ${to}`;
  writeWhole(folder.log('combine'), `LOG (${program}-combine) ${line}\n`);
  return { network: best.network, line };
}

/** The mean of what a network says of some frames of the first archives: the priors of its pdfs. */
export async function averagePosterior(
  network: Network,
  egs: Egs,
  engine: Engine,
  rule: string,
  frames: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const sum = new Float64Array(network.outputDim());
  let rows = 0;
  const batches = shardMinibatches(egs.train, { rule, seed: 0, workers: 1, signal });
  for await (const [, y] of outputsOf(network, engine, batches, { applyExp: true, signal })) {
    for (let i = 0; i < y.data.length; i++) sum[i % y.cols]! += y.data[i]!;
    rows += y.rows;
    if (rows >= frames) break;
  }
  const total = sum.reduce((a, b) => a + b, 0);
  return Float32Array.from(sum, (value) => Math.max(1e-15, value / total));
}

/** What a final model and its decoder need besides the network. */
export interface FinalParts {
  /** Where `tree` and `phones.txt` are. */
  readonly folder: string;
  readonly transitions: TransitionModel;
}

/** Writes the final model beside what a decoder needs; without a transition model it is a raw one. */
export function writeFinal(
  folder: RunFolder,
  network: Network,
  parts: FinalParts | undefined,
  priors: Float32Array,
  options: TrainRunOptions,
): string {
  const path = folder.at(parts ? 'final.mdl' : 'final.raw');
  writeWhole(path, parts ? new AcousticModel(parts.transitions, network, priors).toBytes() : network.toBytes());
  writeWhole(folder.at('cmvn_opts'), `${options['feat.cmvnOpts']}\n`);
  if (isChain(options)) writeWhole(folder.at('frame_subsampling_factor'), `${subsampling(options)}\n`);
  for (const name of parts ? ['tree', 'phones.txt'] : []) {
    const source = join(parts!.folder, name);
    if (existsSync(source)) copyFileSync(source, folder.at(name));
  }
  return path;
}
