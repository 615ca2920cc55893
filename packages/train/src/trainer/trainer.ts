import type { Minibatch } from '@jebena/egs';
import type { Engine, Tensor } from '@jebena/engine';
import type { Model } from '@jebena/graph';
import type { Objective } from '../objectives/objective.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { DivergedError } from './diverged-error.js';
import type { OutputSums } from './events.js';
import { requestOf } from './request-of.js';

/** Objective sums that are still on the engine. */
interface Pending {
  readonly output: string;
  readonly objective: Tensor;
  readonly correct: Tensor | undefined;
  readonly weight: number;
}

/** Input frames of a minibatch: those of its longest input, all sequences together. */
const framesOf = ({ inputs, sequences }: Minibatch): number => Math.max(...inputs.map((i) => i.count)) * sequences;

/** What becomes of the statistics that components add up while training. */
export interface StatisticsSettings {
  /** Share of the batch-norm statistics that outlives a step (batchnorm-stats-scale of `nnet3-train`). Default 0.8. */
  readonly batchNormStatsScale?: number;
  /** Whether they are added up at all. Default true. */
  readonly storeStatistics?: boolean;
}

/**
 * Makes training steps: forward pass, objective, backward pass, change of parameters. The hot loop of `train`,
 * free of waiting where the optimizer is; results stay on the engine until `collect` reads them all at once.
 */
export class Trainer {
  private readonly engine: Engine;
  private pending: Pending[] = [];
  private framesPending = 0;

  /**
   * @param objectives by output; an output of the minibatch that has none is an error
   * @param steps steps made before (when going on from a checkpoint)
   */
  constructor(
    private readonly model: Model,
    private readonly optimizer: Optimizer,
    private readonly objectives: (output: string) => Objective,
    private readonly seed: number = 0,
    public steps: number = 0,
    private readonly statistics: StatisticsSettings = {},
  ) {
    this.engine = model.engine;
  }

  /** One step. The objective is not read back. */
  async step(minibatch: Minibatch, learningRate: number): Promise<void> {
    const { model, optimizer, steps: count } = this;
    for (const factor of optimizer.passes?.(count) ?? [1]) {
      optimizer.begin?.(factor);
      const weight = this.forwardBackward(minibatch, factor > 1 ? '_backstitch' : '');
      await optimizer.step({ learningRate, weight, sequences: minibatch.sequences, count, factor });
    }
    model.scaleBatchNormStatistics(this.statistics.batchNormStatsScale ?? 0.8);
    this.framesPending += framesOf(minibatch);
    this.steps++;
  }

  /** Hands all gradients to the optimizer; returns the weight of the minibatch. */
  private forwardBackward(minibatch: Minibatch, suffix: string): number {
    const { engine, model } = this;
    let weight = 0;
    engine.tidy(() => {
      const inputs = Object.fromEntries(
        minibatch.inputs.map(({ name, feats }) => [name, engine.tensor(feats.rows, feats.cols, feats.data)]),
      );
      // Every step draws anew, and the same step draws the same again when a run is resumed.
      const pass = model.compute(requestOf(minibatch)).forward(inputs, {
        training: true,
        seed: (this.seed * 1_000_003 + this.steps) | 0,
        storeStatistics: this.statistics.storeStatistics ?? true,
      });
      const derivatives: Record<string, Tensor> = {};
      for (const target of minibatch.outputs) {
        const { name } = target;
        const evaluation = this.objectives(name).evaluate(engine, pass.output(name), target, minibatch.sequences);
        derivatives[name] = evaluation.derivative;
        weight += evaluation.weight;
        const { objective, correct } = evaluation;
        this.pending.push({
          output: name + suffix,
          objective: engine.keep(objective),
          correct: correct && engine.keep(correct),
          weight: evaluation.weight,
        });
      }
      pass.backward(derivatives, (component) => this.optimizer.sink(component));
      pass.dispose();
    });
    return weight;
  }

  /**
   * Reads back what the steps since the last call gave.
   *
   * @throws DivergedError when an objective is not finite
   */
  async collect(): Promise<{ outputs: Record<string, OutputSums>; frames: number }> {
    const { engine } = this;
    const { pending, framesPending: frames } = this;
    this.pending = [];
    this.framesPending = 0;
    const outputs: Record<string, OutputSums> = {};
    if (pending.length === 0) return { outputs, frames };
    const columns = pending.flatMap(({ objective, correct }) => (correct ? [objective, correct] : [objective]));
    const all = engine.concatCols(columns);
    const values = await engine.read(all);
    engine.dispose(all, ...columns);
    let at = 0;
    for (const { output, correct, weight } of pending) {
      const objective = values[at++]!;
      const right = correct ? values[at++]! : undefined;
      if (!Number.isFinite(objective))
        throw new DivergedError(
          `output '${output}': expected a finite objective, found ${objective} within ${pending.length} steps before step ${this.steps}`,
        );
      const old = outputs[output] ?? { objective: 0, weight: 0, correct: right === undefined ? undefined : 0 };
      outputs[output] = {
        objective: old.objective + objective,
        weight: old.weight + weight,
        correct: right === undefined || old.correct === undefined ? undefined : old.correct + right,
      };
    }
    return { outputs, frames };
  }

  dispose(): void {
    for (const { objective, correct } of this.pending) this.engine.dispose(objective, correct);
    this.pending = [];
  }
}
