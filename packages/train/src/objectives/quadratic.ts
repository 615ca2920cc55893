import type { Objective } from './objective.js';

/** Kaldi's `quadratic` objective: -0.5 (target - output)^2, summed over the dimensions, for dense targets. */
export const quadratic = (): Objective => ({
  name: 'quadratic',
  evaluate: (engine, output, { name, targets, weights }) => {
    if (targets.kind !== 'dense')
      throw new TypeError(`output '${name}': the quadratic objective wants dense targets, found ${targets.kind}`);
    const wanted = engine.tensor(targets.values.rows, targets.dim, targets.values.data);
    const difference = engine.binary('sub', wanted, output);
    const derivative = weights
      ? engine.binary('mul', difference, engine.tensor(weights.length, 1, weights))
      : difference;
    return {
      derivative,
      objective: engine.scale(engine.sumAll(engine.binary('mul', derivative, difference)), -0.5),
      weight: weights ? weights.reduce((a, b) => a + b, 0) : targets.values.rows,
    };
  },
});
