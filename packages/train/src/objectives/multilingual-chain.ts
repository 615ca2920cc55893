import { chainObjective, type ChainObjectiveSettings } from './chain.js';
import type { Objective } from './objective.js';

/**
 * LF-MMI with a denominator for each output, as networks for several languages have it: each minibatch is of one of
 * them, and has its output (`output-english`, say) and, where wanted, the branch beside it (`output-english-xent`).
 *
 * @param settings by name of the output
 * @example
 * ```ts
 * multilingualChainObjective({ 'output-a': { denominator: a, xentRegularize: 0.1 }, 'output-b': { denominator: b } });
 * ```
 */
export function multilingualChainObjective(settings: Readonly<Record<string, ChainObjectiveSettings>>): Objective {
  const objectives = new Map(Object.entries(settings).map(([output, of]) => [output, chainObjective(of)]));
  return {
    name: 'chain',
    evaluate: (engine, output, target, sequences) => {
      const main = target.name.replace(/-xent$/, '');
      const objective = objectives.get(main);
      if (!objective)
        throw new RangeError(
          `output '${target.name}': expected one of ${[...objectives.keys()].join(', ')}, which have a denominator`,
        );
      return objective.evaluate(engine, output, target, sequences);
    },
  };
}
