import { numeratorForwardBackward } from '@jebena/chain';
import { type ChainTargets, type Minibatch, type MinibatchOutput, Random } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { UsageError } from '@jebena/options';
import { outputsOf } from '../trainer/outputs-of.js';
import { LdaStatistics } from './lda-statistics.js';

export interface GatherSettings {
  /** Weights below this are drawn: rounded up to it, or dropped; 0 (default): all count. */
  readonly randPrune?: number;
  /** Of these draws. */
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link gatherLdaStatistics} found. */
export interface Gathered {
  /** Undefined where there were no minibatches. */
  readonly statistics: LdaStatistics | undefined;
  readonly minibatches: number;
}

/**
 * Statistics by class of a network's output on minibatches (nnet3-acc-lda-stats). Of supervision for LF-MMI the classes
 * are the pdfs, by their share in all that it allows (nnet3-chain-acc-lda-stats).
 */
export async function gatherLdaStatistics(
  network: Network,
  engine: Engine,
  minibatches: AsyncIterable<Minibatch> | Iterable<Minibatch>,
  { randPrune = 0, seed = 0, signal }: GatherSettings = {},
): Promise<Gathered> {
  const random = Random.of(seed, 'nnet3-acc-lda-stats');
  const pruned = (weight: number): number =>
    weight >= randPrune ? weight : random.unit() * randPrune < weight ? randPrune : 0;
  let statistics: LdaStatistics | undefined;
  let count = 0;
  for await (const [minibatch, y] of outputsOf(network, engine, minibatches, { signal })) {
    const target = minibatch.outputs.find((o) => o.name === 'output');
    if (!target) throw new UsageError(`example '${minibatch.key}': expected an output 'output', found none`);
    statistics ??= new LdaStatistics(y.cols, target.targets.dim);
    for (const [row, label, weight] of classesOf(target)) {
      const counted = pruned(weight);
      if (counted > 0) statistics.add(y.data.subarray(row * y.cols, (row + 1) * y.cols), label, counted);
    }
    count++;
  }
  return { statistics, minibatches: count };
}

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
  else if (targets.kind === 'chain') yield* pdfsOf(targets);
  else throw new UsageError(`output '${name}': expected classes as targets, found ${targets.kind} ones`);
}

/** The posteriors of pdfs by the supervision's own weights: as if the network said the same of all. */
function* pdfsOf({ supervision, dim }: ChainTargets): Generator<[row: number, label: number, weight: number]> {
  const rows = supervision.numSequences * supervision.framesPerSequence;
  const posteriors = new Map<number, number>();
  const add = (at: number, posterior: number): void => void posteriors.set(at, (posteriors.get(at) ?? 0) + posterior);
  numeratorForwardBackward(supervision, { rows, cols: dim, data: new Float32Array(rows * dim) }, add);
  for (const [at, posterior] of posteriors) yield [Math.floor(at / dim), at % dim, posterior];
}
