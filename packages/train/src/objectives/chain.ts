import { type ChainSettings, type DenominatorGraph, evaluateChain } from '@jebena/chain';
import type { ChainTargets, MinibatchOutput } from '@jebena/egs';
import type { Engine, Tensor } from '@jebena/engine';
import type { Evaluation, Objective } from './objective.js';

export interface ChainObjectiveSettings extends ChainSettings {
  readonly denominator: DenominatorGraph;
  /** Scale of the derivative of the cross-entropy branch (`output-xent`). Default 0. */
  readonly xentRegularize?: number;
}

/**
 * LF-MMI for an output, and cross-entropy for the branch beside it, named like it with `-xent` behind: the branch
 * follows the numerator's posteriors, so its output must come after the main one in the minibatch (as
 * `chainMinibatch` makes it).
 *
 * The algorithm runs in JavaScript: the engine must be able to read without waiting.
 *
 * @example
 * ```ts
 * const objective = chainObjective({ denominator: new DenominatorGraph(den, numPdfs), leakyHmmCoefficient: 0.1 });
 * ```
 */
export function chainObjective({ denominator, xentRegularize = 0, ...settings }: ChainObjectiveSettings): Objective {
  /** The numerator's posteriors of the targets measured last. */
  let last: { readonly targets: ChainTargets; readonly posteriors: Float32Array; readonly weight: number } | undefined;

  const main = (engine: Engine, output: Tensor, target: MinibatchOutput, targets: ChainTargets): Evaluation => {
    if (!engine.readSync)
      throw new TypeError(`output '${target.name}': engine ${engine.name} cannot read without waiting, as LF-MMI must`);
    const { rows, cols } = output;
    const data = engine.readSync(output);
    const found = evaluateChain(denominator, targets.supervision, { rows, cols, data }, settings);
    last = { targets, posteriors: found.numeratorPosteriors, weight: found.weight };
    return {
      derivative: weighted(engine, engine.tensor(rows, cols, found.derivative), target.weights),
      objective: engine.full(1, 1, found.objective),
      auxiliary: settings.l2Regularize ? engine.full(1, 1, found.l2Term) : undefined,
      weight: found.weight,
      failed: found.failed ? reasonOf(data) : undefined,
    };
  };

  const branch = (engine: Engine, output: Tensor, target: MinibatchOutput, targets: ChainTargets): Evaluation => {
    if (last?.targets !== targets)
      throw new RangeError(`output '${target.name}': expected it after the output that it stands beside`);
    const posteriors = engine.tensor(output.rows, output.cols, last.posteriors);
    return {
      derivative: engine.scale(weighted(engine, posteriors, target.weights), xentRegularize),
      objective: engine.sumAll(engine.binary('mul', output, posteriors)),
      weight: last.weight,
    };
  };

  return {
    name: 'chain',
    evaluate: (engine, output, target) => {
      const { targets, name } = target;
      if (targets.kind !== 'chain')
        throw new TypeError(`output '${name}': LF-MMI wants chain supervision, found ${targets.kind}`);
      return (name.endsWith('-xent') ? branch : main)(engine, output, target, targets);
    },
  };
}

/** Why no finite objective came of an output. */
function reasonOf(data: Float32Array): string {
  const i = data.findIndex((value) => !Number.isFinite(value));
  return i < 0
    ? 'no finite objective: the numerator has no path, or the passes over the denominator disagree'
    : `expected finite outputs of the network, found ${data[i]}`;
}

const weighted = (engine: Engine, derivative: Tensor, weights: Float32Array | undefined): Tensor =>
  weights ? engine.binary('mul', derivative, engine.tensor(weights.length, 1, weights)) : derivative;
