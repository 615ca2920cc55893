import { copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { shardMinibatches } from '@jebena/egs/node';
import type { Engine } from '@jebena/engine';
import { AcousticModel, type Network } from '@jebena/graph';
import { formatFloat } from '@jebena/io-ark';
import { bestAverage } from '../../averages/best-average.js';
import { outputObjectives } from '../../objectives/output-objectives.js';
import { outputsOf } from '../../trainer/outputs-of.js';
import { writeWhole } from '../write-whole.js';
import type { Egs } from './egs.js';
import type { RunFolder } from './folder.js';
import { minibatchesOf } from './measure.js';
import type { TrainRunOptions } from './options.js';
import type { Alignments } from './read-data.js';
import { readRaw } from './read-raw.js';

/** The average of the last models that does best on examples, with what nnet3-combine would print in a log. */
export async function combined(
  folder: RunFolder,
  models: readonly number[],
  egs: Egs,
  engine: Engine,
  rule: string,
  options: TrainRunOptions,
  signal: AbortSignal,
): Promise<{ network: Network; line: string }> {
  const there = models.filter((n) => existsSync(folder.model(n))).sort((a, b) => b - a);
  const minibatches = await minibatchesOf(egs.combine.length > 0 ? egs.combine : egs.train.slice(0, 1), rule);
  const networks = there.map((n) => async (): Promise<Network> => readRaw(folder.model(n)));
  const best = await bestAverage(networks, minibatches, {
    engine,
    objective: outputObjectives(await networks[0]!()),
    maxObjectiveEvaluations: options['trainer.optimization.maxObjectiveEvaluations'],
    signal,
  });
  const [from, to] = [best.initialObjective, best.objective].map((v) => formatFloat(v, 6));
  const line = `Combining ${best.networks} nnets, objective function changed from ${from} to ${to}`;
  writeWhole(folder.log('combine'), `LOG (nnet3-combine) ${line}\n`);
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

/** Writes the final model beside what a decoder needs of the alignments' folder. */
export function writeFinal(
  folder: RunFolder,
  network: Network,
  alignments: Alignments | undefined,
  priors: Float32Array,
  options: TrainRunOptions,
): string {
  const path = folder.at(alignments ? 'final.mdl' : 'final.raw');
  writeWhole(
    path,
    alignments ? new AcousticModel(alignments.transitions, network, priors).toBytes() : network.toBytes(),
  );
  writeWhole(folder.at('cmvn_opts'), `${options['feat.cmvnOpts']}\n`);
  for (const name of alignments ? ['tree', 'phones.txt'] : []) {
    const source = join(alignments!.folder, name);
    if (existsSync(source)) copyFileSync(source, folder.at(basename(name)));
  }
  return path;
}
