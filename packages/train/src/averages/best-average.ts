import type { Minibatch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import { combineNetworks, type Network, setBatchNormTestMode, setDropoutTestMode } from '@jebena/graph';
import type { Objective } from '../objectives/objective.js';
import { evaluate } from '../trainer/evaluate.js';

/** Settings of {@link bestAverage}, as `nnet3-combine` takes them. */
export interface BestAverageSettings {
  readonly engine: Engine;
  readonly objective: Objective | Readonly<Record<string, Objective>>;
  /** At most so many averages are measured, spread evenly. Default 30. */
  readonly maxObjectiveEvaluations?: number;
  /** Measure with batch norm by its statistics instead of each minibatch's own. Default false. */
  readonly batchNormTestMode?: boolean;
  /** Measure without dropout. Default true. */
  readonly dropoutTestMode?: boolean;
  readonly signal?: AbortSignal;
}

/** What {@link bestAverage} found. */
export interface BestAverage {
  readonly network: Network;
  /** Networks in it, from the first. */
  readonly networks: number;
  readonly initialObjective: number;
  readonly objective: number;
}

/**
 * Of the averages of the first 1, 2, 3, ... networks the one that does best on held-out minibatches (nnet3-combine).
 * Give the newest network first. Batch norm's statistics are gathered anew for it.
 *
 * @param networks taken one by one, so that two are held at a time
 * @param minibatches kept, and gone through for every average
 */
export async function bestAverage(
  networks: readonly (() => Promise<Network>)[],
  minibatches: readonly Minibatch[],
  settings: BestAverageSettings,
): Promise<BestAverage> {
  if (networks.length === 0) throw new RangeError('bestAverage: expected a network or more, found none');
  const most = Math.max(1, settings.maxObjectiveEvaluations ?? 30);
  let average = await networks[0]!();
  const initialObjective = await measure(average, minibatches, settings);
  let best = { network: average, networks: 1, initialObjective, objective: initialObjective };
  const chosen = new Set(Array.from({ length: most }, (_, i) => Math.round(((i + 1) * networks.length) / most)));
  for (let n = 2; n <= networks.length; n++) {
    average = combineNetworks([average, await networks[n - 1]!()], [(n - 1) / n, 1 / n]);
    if (networks.length > most && !chosen.has(n)) continue;
    const objective = await measure(average, minibatches, settings);
    if (objective > best.objective) best = { network: average, networks: n, initialObjective, objective };
  }
  return { ...best, network: await withNewStatistics(best.network, minibatches, settings) };
}

/** Objective per frame, with what regularizes outputs, over all outputs. */
async function measure(
  network: Network,
  minibatches: readonly Minibatch[],
  { engine, objective, batchNormTestMode = false, dropoutTestMode = true, signal }: BestAverageSettings,
): Promise<number> {
  const model = setDropoutTestMode(setBatchNormTestMode(network, batchNormTestMode), dropoutTestMode).load(engine);
  const sums = Object.values(await evaluate(model, minibatches, objective, { signal, training: true }));
  model.dispose();
  const weight = sums.reduce((total, s) => total + s.weight, 0);
  if (weight === 0) throw new RangeError('bestAverage: expected examples to measure on, found none');
  return sums.reduce((total, s) => total + s.objective + (s.auxiliary ?? 0), 0) / weight;
}

/** A network with statistics of what it gives on these minibatches; those that it was averaged from do not fit it. */
async function withNewStatistics(
  network: Network,
  minibatches: readonly Minibatch[],
  { engine, objective, signal }: BestAverageSettings,
): Promise<Network> {
  if (![...network.components.values()].some((c) => c.type === 'BatchNormComponent')) return network;
  const model = setDropoutTestMode(setBatchNormTestMode(network.withoutStatistics(), false), true).load(engine);
  await evaluate(model, minibatches, objective, { signal, training: true, storeStatistics: true });
  const gathered = await model.save();
  model.dispose();
  return network.withoutStatistics().withComponents((component, name) => {
    const statistics = gathered.component(name).statistics();
    return statistics ? component.withStatistics(statistics) : component;
  });
}
