import type { Objective } from './objective.js';

/**
 * An objective whose derivative counts `factor` times: how much an output among several matters. What is printed and
 * reported stays the objective itself, as with Kaldi's xent-regularize. Optimizers divide by the frames of all outputs.
 *
 * @throws RangeError where the factor is not a finite number of at least 0
 * @example
 * ```ts
 * train(model, { objective: { output: crossEntropy(), 'output-aux': weighted(crossEntropy(), 0.3) }, ... });
 * ```
 */
export function weighted(objective: Objective, factor: number): Objective {
  if (!(factor >= 0 && factor < Infinity))
    throw new RangeError(`weighted: expected a factor of at least 0, found ${factor}`);
  return {
    name: objective.name,
    evaluate: (engine, output, target, sequences) => {
      const evaluation = objective.evaluate(engine, output, target, sequences);
      return { ...evaluation, derivative: engine.scale(evaluation.derivative, factor) };
    },
  };
}
