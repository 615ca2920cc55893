import type { Minibatch } from '@jebena/egs';
import type { Model } from '@jebena/graph';
import { breathe } from '@jebena/stream';
import type { Objective } from '../objectives/objective.js';
import { type OutputSums, addOutputs } from './events.js';
import { objectiveFor } from './train.js';
import { requestOf } from './request-of.js';

/**
 * Measures a model on minibatches without changing it: batch norm by its statistics, no dropout.
 *
 * @returns sums by output
 */
export async function evaluate(
  model: Model,
  source: AsyncIterable<Minibatch> | Iterable<Minibatch>,
  objective: Objective | Readonly<Record<string, Objective>>,
  signal?: AbortSignal,
): Promise<Record<string, OutputSums>> {
  const { engine } = model;
  let totals: Record<string, OutputSums> = {};
  for await (const minibatch of source) {
    signal?.throwIfAborted();
    await breathe();
    const measured = engine.tidy(() => {
      const inputs = Object.fromEntries(
        minibatch.inputs.map(({ name, feats }) => [name, engine.tensor(feats.rows, feats.cols, feats.data)]),
      );
      const pass = model.compute(requestOf(minibatch)).forward(inputs);
      const made = minibatch.outputs.map((target) => {
        const {
          objective: sum,
          correct,
          weight,
        } = objectiveFor(objective, target.name).evaluate(
          engine,
          pass.output(target.name),
          target,
          minibatch.sequences,
        );
        return { name: target.name, weight, sum: engine.keep(sum), correct: correct && engine.keep(correct) };
      });
      pass.dispose();
      return made;
    });
    for (const { name, weight, sum, correct } of measured) {
      const right = correct && (await engine.read(correct))[0]!;
      totals = addOutputs(totals, { [name]: { objective: (await engine.read(sum))[0]!, weight, correct: right } });
      engine.dispose(sum, correct);
    }
  }
  return totals;
}
