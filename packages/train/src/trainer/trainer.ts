import type { Minibatch } from '@jebena/egs';
import type { Engine, Tensor } from '@jebena/engine';
import type { DerivativeTimes, Model } from '@jebena/graph';
import type { Objective } from '../objectives/objective.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { DivergedError } from './diverged-error.js';
import { addOutputs, type FailedMinibatch, type OutputSums } from './events.js';
import { withMinibatch } from './minibatch-error.js';
import { requestOf } from './request-of.js';

/** Objective sums that are still on the engine. */
interface Pending {
  readonly minibatch: string;
  readonly output: string;
  readonly objective: Tensor;
  readonly correct: Tensor | undefined;
  readonly auxiliary: Tensor | undefined;
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
  /** Minibatches whose gradients are added up for one change of the parameters. Default 1. */
  readonly accumulate?: number;
  /** Where derivatives are taken. Default: everywhere. */
  readonly derivativeLimits?: DerivativeLimits;
}

/**
 * Where derivatives are taken: elsewhere they count as zero. In recurrent networks they fade or grow without meaning with
 * the distance from what was wanted, and to leave them out saves time.
 */
export interface DerivativeLimits {
  /** The first time (min-deriv-time). */
  readonly first?: number;
  /** The last time (max-deriv-time). */
  readonly last?: number;
  /** The last time, counted from the last frame of the outputs (max-deriv-time-relative). */
  readonly lastRelative?: number;
}

/** The times for a minibatch; undefined where all count. */
function derivativeTimes(
  { first = -Infinity, last = Infinity, lastRelative = Infinity }: DerivativeLimits,
  { outputs }: Minibatch,
): DerivativeTimes | undefined {
  const end = Math.max(...outputs.map((o) => o.first + (o.count - 1) * o.stride));
  const times = { first, last: Math.min(last, end + lastRelative) };
  return times.first === -Infinity && times.last === Infinity ? undefined : times;
}

/**
 * Makes training steps: forward pass, objective, backward pass, change of parameters. The hot loop of `train`,
 * free of waiting where the optimizer is; results stay on the engine until `collect` reads them all at once.
 */
export class Trainer {
  private readonly engine: Engine;
  private pending: Pending[] = [];
  private failed: FailedMinibatch[] = [];
  private framesPending = 0;
  /** Weight and sequences of the minibatches whose gradients wait for the next change. */
  private gathered = { minibatches: 0, weight: 0, sequences: 0 };

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
    const { accumulate = 1 } = statistics;
    if (!Number.isInteger(accumulate) || accumulate < 1)
      throw new RangeError(`train: expected accumulate of 1 or more, found ${accumulate}`);
    if (accumulate > 1 && optimizer.passes)
      throw new RangeError(`train: expected accumulate 1 with ${optimizer.name}, found ${accumulate}`);
  }

  /**
   * One minibatch. The objective is not read back.
   *
   * @throws DivergedError when the optimizer finds a change that is not finite; it is not made. MinibatchError for a
   *   minibatch that does not fit the network or the objective
   */
  async step(minibatch: Minibatch, learningRate: number): Promise<void> {
    const { model, optimizer, steps: count } = this;
    for (const factor of optimizer.passes?.(count) ?? [1]) {
      optimizer.begin?.(factor);
      const { gathered } = this;
      const suffix = factor > 1 ? '_backstitch' : '';
      const weight = withMinibatch(minibatch.key, () => this.forwardBackward(minibatch, suffix));
      // Nothing to learn from: the parameters stay as they are.
      if (weight === undefined) break;
      gathered.weight += weight;
      gathered.sequences += minibatch.sequences;
      gathered.minibatches++;
      if (gathered.minibatches < (this.statistics.accumulate ?? 1)) continue;
      await this.change(learningRate, count, factor).catch((error: unknown) => {
        if (!(error instanceof DivergedError)) throw error;
        throw new DivergedError(`minibatch '${minibatch.key}' (step ${count}): ${error.message}`, { cause: error });
      });
    }
    model.scaleBatchNormStatistics(this.statistics.batchNormStatsScale ?? 0.8);
    this.framesPending += framesOf(minibatch);
    this.steps++;
  }

  private async change(learningRate: number, count: number, factor: number): Promise<void> {
    const { weight, sequences } = this.gathered;
    this.gathered = { minibatches: 0, weight: 0, sequences: 0 };
    await this.optimizer.step({ learningRate, weight, sequences, count, factor });
  }

  /** Makes the change that gradients still wait for, where the last `accumulate` minibatches were not all there. */
  async finish(learningRate: number): Promise<void> {
    if (this.gathered.minibatches > 0) await this.change(learningRate, this.steps - 1, 1);
  }

  private fail(minibatch: string, output: string, reason: string): undefined {
    this.failed.push({ minibatch, output, reason });
    return undefined;
  }

  /** Hands all gradients to the optimizer; returns the weight of the minibatch, undefined where it failed. */
  private forwardBackward(minibatch: Minibatch, suffix: string): number | undefined {
    const { engine, model } = this;
    const broken = badInput(minibatch);
    if (broken) return this.fail(minibatch.key, minibatch.outputs[0]!.name, broken);
    let weight: number | undefined = 0;
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
        if (evaluation.failed !== undefined) weight = this.fail(minibatch.key, name, evaluation.failed);
        if (weight === undefined) break;
        weight += evaluation.weight;
        const { objective, correct, auxiliary } = evaluation;
        this.pending.push({
          minibatch: minibatch.key,
          output: name + suffix,
          objective: engine.keep(objective),
          correct: correct && engine.keep(correct),
          auxiliary: auxiliary && engine.keep(auxiliary),
          weight: evaluation.weight,
        });
      }
      const times = derivativeTimes(this.statistics.derivativeLimits ?? {}, minibatch);
      if (weight !== undefined) pass.backward(derivatives, (component) => this.optimizer.sink(component), times);
      pass.dispose();
    });
    return weight;
  }

  /**
   * Reads back what the steps since the last call gave.
   *
   * @throws DivergedError when an objective or a parameter is not finite
   */
  async collect(): Promise<{
    outputs: Record<string, OutputSums>;
    frames: number;
    failed: readonly FailedMinibatch[];
  }> {
    const { engine } = this;
    const { pending, framesPending: frames, failed } = this;
    this.pending = [];
    this.failed = [];
    this.framesPending = 0;
    let outputs: Record<string, OutputSums> = {};
    if (pending.length === 0) return { outputs, frames, failed };
    const columns = pending.flatMap((p) => [p.objective, p.correct, p.auxiliary].filter((t) => t !== undefined));
    const all = engine.tidy(() => engine.keep(engine.concatCols([...columns, ...this.sizes()])));
    const values = await engine.read(all);
    engine.dispose(all, ...columns);
    let at = 0;
    const bad = this.model.trainable.find((_, i) => !Number.isFinite(values[columns.length + i]!));
    const where = bad ? `; the parameters of component '${bad.name}' are not finite` : '';
    for (const { minibatch, output, weight, ...tensors } of pending) {
      const objective = values[at++]!;
      const correct = tensors.correct && values[at++]!;
      const auxiliary = tensors.auxiliary && values[at++]!;
      if (!Number.isFinite(objective))
        throw new DivergedError(
          `minibatch '${minibatch}', output '${output}': expected a finite objective, found ${objective}${where}`,
        );
      outputs = addOutputs(outputs, { [output]: { objective, weight, correct, auxiliary } });
    }
    if (where) throw new DivergedError(`minibatch '${pending.at(-1)!.minibatch}': expected a finite model${where}`);
    return { outputs, frames, failed };
  }

  /** For each component, what the squares of its parameters add up to: not finite where one of them is not. */
  private sizes(): Tensor[] {
    const { engine, model } = this;
    return model.trainable.map(({ name, parameters }) =>
      parameters
        .map((parameter) => engine.sumSquares(model.parameter(name, parameter)))
        .reduce((a, b) => engine.binary('add', a, b)),
    );
  }

  dispose(): void {
    for (const p of this.pending) this.engine.dispose(p.objective, p.correct, p.auxiliary);
    this.pending = [];
  }
}

/**
 * What is wrong with the features of a minibatch for LF-MMI, if anything. They are looked at before they go in: what is
 * not finite would stay in the statistics of the network.
 */
function badInput({ inputs, outputs }: Minibatch): string | undefined {
  if (!outputs.some(({ targets }) => targets.kind === 'chain')) return undefined;
  for (const { name, feats } of inputs) {
    const { data, cols } = feats;
    for (let i = 0; i < data.length; i++)
      if (!(Math.abs(data[i]!) < Infinity))
        return `expected finite features of input '${name}', found ${data[i]} in row ${Math.floor(i / cols)}`;
  }
  return undefined;
}
