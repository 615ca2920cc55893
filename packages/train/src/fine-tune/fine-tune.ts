import type { Engine } from '@jebena/engine';
import {
  type AcousticModel,
  type Network,
  setBatchNormTestMode,
  setDropoutTestMode,
  UpdatableComponent,
} from '@jebena/graph';
import { atLeast, defineOptions, float, int, type OptionValues, resolveOptions, within } from '@jebena/options';
import { breathe } from '@jebena/stream';
import { adam } from '../optimizers/adam.js';
import { exponentialDecay } from '../schedules/exponential.js';
import { Trainer } from '../trainer/trainer.js';
import { softmaxTargets } from './softmax-targets.js';
import { alignTake, divergence, logPosteriors, minibatchOf, type SearchedModel, type Take, targetsOf } from './take.js';

/** How a model is fine-tuned. */
export const fineTuneOptions = defineOptions({
  steps: int(100, 'Changes of the parameters', atLeast(1)),
  learningRate: float(5e-5, 'Of the first step; the last has a tenth of it', atLeast(1e-9)),
  keep: float(0.7, 'Share of the targets that is what the model said before, so that it forgets little', within(0, 1)),
  takesPerStep: int(4, 'Takes that one change is made from, at most', atLeast(1)),
});

export interface FineTuneOptions extends Partial<OptionValues<typeof fineTuneOptions>> {
  readonly signal?: AbortSignal | undefined;
}

/** A change was made. */
export interface FineTuneStep {
  readonly type: 'step';
  readonly step: number;
  readonly steps: number;
  /** Mean divergence of the frames of this step from their targets, before the change. */
  readonly loss: number;
}

/** It is done. */
export interface FineTuneEnd {
  readonly type: 'end';
  readonly model: AcousticModel;
  /** Mean divergence over all takes. */
  readonly before: number;
  readonly after: number;
}

/**
 * Fits a model to a few takes of one speaker or microphone: each is aligned with its words, and the network learns
 * the aligned pdfs, a share of its own old answers mixed in (Yu et al., KL-divergence regularized adaptation, 2013).
 * Batch norm keeps its statistics. For models of either kind: cross-entropy, and chain, whose scores are taken for
 * logits.
 *
 * @throws TakeError where a take's words cannot be found in its sound; DivergedError where numbers leave the finite
 * @example
 * ```ts
 * for await (const event of fineTune(engine, { model, graph, acousticScale: 1, frameSubsamplingFactor: 3 }, takes))
 *   if (event.type === 'end') save(event.model);
 * ```
 */
export async function* fineTune(
  engine: Engine,
  searched: SearchedModel,
  takes: readonly Take[],
  { signal, ...given }: FineTuneOptions = {},
): AsyncGenerator<FineTuneStep | FineTuneEnd, void, void> {
  const { steps, learningRate, keep, takesPerStep } = resolveOptions(fineTuneOptions, given);
  if (takes.length === 0) throw new RangeError('fineTune: expected takes, found none');
  const { model } = searched;
  const old = await logPosteriors(engine, searched, takes);
  const targets = takes.map((take, i) => targetsOf(alignTake(take, old[i]!, searched), old[i]!, keep));
  const minibatches = takes.map((take, i) => minibatchOf(take, targets[i]!, searched));
  // What targets of a frame are worth at best: the loss counts from there.
  const best = targets.map((t) => t.rows * divergence(t, { ...t, data: new Float32Array(t.data.length) }));
  const meanOf = (logs: typeof old): number => {
    const rows = targets.reduce((n, t) => n + t.rows, 0);
    return targets.reduce((sum, t, i) => sum + t.rows * divergence(t, logs[i]!), 0) / rows;
  };

  const loaded = setDropoutTestMode(setBatchNormTestMode(model.network, true), true).load(engine);
  const optimizer = adam()(loaded);
  const group = Math.min(takesPerStep, takes.length);
  const trainer = new Trainer(loaded, optimizer, softmaxTargets, 0, 0, {
    batchNormStatsScale: 1,
    storeStatistics: false,
    accumulate: group,
  });
  const rate = exponentialDecay(learningRate, learningRate / 10);
  let network: Network;
  try {
    for (let step = 0; step < steps; step++) {
      let bestOfStep = 0;
      for (let i = 0; i < group; i++) {
        const at = (step * group + i) % takes.length;
        await trainer.step(minibatches[at]!, rate({ fraction: step / steps, step }));
        bestOfStep += best[at]!;
        await breathe();
        signal?.throwIfAborted();
      }
      const { objective, weight } = (await trainer.collect()).outputs['output']!;
      yield { type: 'step', step: step + 1, steps, loss: (bestOfStep - objective) / weight };
    }
    // Only parameters have changed: modes and statistics are the old network's.
    const saved = await loaded.save();
    network = model.network.withComponents((component, name) => {
      const tuned = saved.component(name);
      return component instanceof UpdatableComponent && tuned instanceof UpdatableComponent
        ? component.withParameters(tuned.parameters())
        : component;
    });
  } finally {
    trainer.dispose();
    optimizer.dispose();
    loaded.dispose();
  }
  const tuned = model.with({ network });
  const now = await logPosteriors(engine, { ...searched, model: tuned }, takes);
  yield { type: 'end', model: tuned, before: meanOf(old), after: meanOf(now) };
}
