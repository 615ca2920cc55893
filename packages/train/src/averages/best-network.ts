import type { Minibatch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { evaluate } from '../trainer/evaluate.js';
import type { OutputSums } from '../trainer/events.js';
import type { TrainOptions } from '../trainer/train.js';

export interface BestNetworkSettings {
  readonly engine: Engine;
  readonly objective: TrainOptions['objective'];
  /** Larger is better. Default: the objective a frame, all outputs together, with what regularizes them. */
  readonly scoreOf?: (outputs: Readonly<Record<string, OutputSums>>) => number;
  readonly signal?: AbortSignal | undefined;
}

export interface BestNetwork {
  readonly network: Network;
  /** Its place among those given. */
  readonly index: number;
  /** Of all, in their order. */
  readonly scores: readonly number[];
}

/**
 * Of several networks, such as those after each epoch, the one that does best on a held-out set: the first of them where
 * several do. Batch norm goes by its statistics, and there is no dropout.
 *
 * @param networks taken one by one, so that two are held at a time
 * @param minibatches kept, and gone through for every network
 * @throws RangeError where there is no network, or none with a score
 * @example
 * ```ts
 * const rightFrames = ({ output }) => output.correct / output.weight;
 * const { network, index } = await bestNetwork(saved, dev, { engine, objective: crossEntropy(), scoreOf: rightFrames });
 * ```
 */
export async function bestNetwork(
  networks: readonly (() => Promise<Network> | Network)[],
  minibatches: readonly Minibatch[],
  { engine, objective, scoreOf = objectiveOf, signal }: BestNetworkSettings,
): Promise<BestNetwork> {
  const scores: number[] = [];
  let best: { network: Network; index: number } | undefined;
  for (const [index, read] of networks.entries()) {
    const network = await read();
    const model = network.load(engine);
    try {
      scores.push(scoreOf(await evaluate(model, minibatches, objective, { signal })));
    } finally {
      model.dispose();
    }
    if (scores[index]! > (best ? scores[best.index]! : -Infinity)) best = { network, index };
  }
  if (!best)
    throw new RangeError(
      `bestNetwork: expected a network with a score, found ${networks.length ? scores.join(', ') : 'no networks'}`,
    );
  return { ...best, scores };
}

function objectiveOf(outputs: Readonly<Record<string, OutputSums>>): number {
  const all = Object.values(outputs);
  const sum = all.reduce((total, { objective, auxiliary = 0 }) => total + objective + auxiliary, 0);
  return sum / all.reduce((total, { weight }) => total + weight, 0);
}
