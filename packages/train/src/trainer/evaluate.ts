import type { Minibatch } from '@jebena/egs';
import type { Tensor } from '@jebena/engine';
import type { Model } from '@jebena/graph';
import { breathe } from '@jebena/stream';
import type { Objective } from '../objectives/objective.js';
import { type OutputSums, addOutputs } from './events.js';
import { objectiveFor } from './train.js';
import { withMinibatch } from './minibatch-error.js';
import { requestOf } from './request-of.js';

/** How {@link evaluate} runs the model. */
export interface EvaluateSettings {
  readonly signal?: AbortSignal | undefined;
  /**
   * As in training: batch norm by each minibatch's own mean and variance, and dropout where the network's is not in
   * test mode. Default false.
   */
  readonly training?: boolean;
  /** Whether, in training, the statistics of components are added up: the one change that is made to a model. Default false. */
  readonly storeStatistics?: boolean;
}

/** What an output came to, still on the engine. */
interface Measured {
  readonly name: string;
  readonly weight: number;
  readonly sum: Tensor;
  readonly correct: Tensor | undefined;
  readonly auxiliary: Tensor | undefined;
}

/**
 * Measures a model on minibatches without changing it: batch norm by its statistics, no dropout.
 *
 * @returns sums by output
 */
export async function evaluate(
  model: Model,
  source: AsyncIterable<Minibatch> | Iterable<Minibatch>,
  objective: Objective | Readonly<Record<string, Objective>>,
  { signal, training = false, storeStatistics = false }: EvaluateSettings = {},
): Promise<Record<string, OutputSums>> {
  const { engine } = model;
  let totals: Record<string, OutputSums> = {};
  for await (const minibatch of source) {
    signal?.throwIfAborted();
    await breathe();
    const measure = (): Measured[] => {
      const inputs = Object.fromEntries(
        minibatch.inputs.map(({ name, feats }) => [name, engine.tensor(feats.rows, feats.cols, feats.data)]),
      );
      const pass = model.compute(requestOf(minibatch)).forward(inputs, { training, storeStatistics });
      const made = minibatch.outputs.map((target) => {
        const {
          objective: sum,
          correct,
          auxiliary,
          weight,
        } = objectiveFor(objective, target.name).evaluate(
          engine,
          pass.output(target.name),
          target,
          minibatch.sequences,
        );
        return {
          name: target.name,
          weight,
          sum: engine.keep(sum),
          correct: correct && engine.keep(correct),
          auxiliary: auxiliary && engine.keep(auxiliary),
        };
      });
      pass.dispose();
      return made;
    };
    const measured = withMinibatch(minibatch.key, () => engine.tidy(measure));
    for (const { name, weight, ...tensors } of measured) {
      const objective = (await engine.read(tensors.sum))[0]!;
      const correct = tensors.correct && (await engine.read(tensors.correct))[0]!;
      const auxiliary = tensors.auxiliary && (await engine.read(tensors.auxiliary))[0]!;
      totals = addOutputs(totals, { [name]: { objective, weight, correct, auxiliary } });
      engine.dispose(tensors.sum, tensors.correct, tensors.auxiliary);
    }
  }
  return totals;
}
