import type { Minibatch } from '@jebena/egs';
import type { Model } from '@jebena/graph';
import type { Stage, StageOptions } from '@jebena/stream';
import { breathe, stage } from '@jebena/stream';
import type { Objective } from '../objectives/objective.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { DropoutSchedule } from '../schedules/dropout-schedule.js';
import type { Schedule } from '../schedules/schedule.js';
import { type OutputSums, type TrainEvent, addOutputs } from './events.js';
import { FailureCount } from './failed-error.js';
import { type StatisticsSettings, Trainer } from './trainer.js';

export interface TrainOptions extends StageOptions, StatisticsSettings {
  /** One for every output, or one for each by name. */
  readonly objective: Objective | Readonly<Record<string, Objective>>;
  /** Kept by the caller, who may go on with it in the next epoch and save its state. */
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Proportions of dropout over the run; the network's own where it is left out. */
  readonly dropout?: DropoutSchedule;
  /** Steps that the whole run will make, as near as is known: what the schedule's fraction is of. */
  readonly totalSteps: number;
  /** Steps made before. Default 0. */
  readonly firstStep?: number;
  /** Steps between events. Default 10. */
  readonly reportEvery?: number;
  readonly seed?: number;
  /** The share of minibatches that may fail (see {@link Evaluation.failed}) before the run stops. Default 0.1. */
  readonly mostFailed?: number;
}

/** Which objective measures an output. */
export function objectiveFor(objective: TrainOptions['objective'], output: string): Objective {
  if ('evaluate' in objective) return objective as Objective;
  const found = (objective as Readonly<Record<string, Objective>>)[output];
  if (!found) throw new RangeError(`train: no objective for output '${output}'`);
  return found;
}

/**
 * Trains a model on the minibatches that come, and yields what became of them: an event every few steps, and one
 * at the end. The model and the optimizer stay the caller's.
 *
 * @throws DivergedError when an objective, a change or a parameter is not finite any more: it names the minibatch and
 * the component. Save the model after events only: it was finite then. FailedMinibatchesError when more minibatches than
 * `mostFailed` gave nothing to learn from; fewer are left out and named in the events
 * @example
 * ```ts
 * const optimizer = adam()(model);
 * const events = pipe(minibatches, train(model, { objective: crossEntropy(), optimizer, schedule: constantRate(1e-3), totalSteps: 100 }));
 * for await (const event of events) console.log(event.type, event.step);
 * ```
 */
export function train(model: Model, options: TrainOptions): Stage<Minibatch, TrainEvent> {
  const {
    objective,
    optimizer,
    schedule,
    totalSteps,
    firstStep = 0,
    reportEvery = 10,
    seed = 0,
    mostFailed = 0.1,
    signal,
  } = options;
  return stage(
    () => {
      const trainer = new Trainer(
        model,
        optimizer,
        (output) => objectiveFor(objective, output),
        seed,
        firstStep,
        options,
      );
      const began = performance.now();
      let reported = began;
      let asked = began;
      let waiting = 0;
      let waitingAll = 0;
      let total = { outputs: {} as Record<string, OutputSums>, frames: 0 };
      const failures = new FailureCount(mostFailed);
      const report = async (learningRate: number, count: number): Promise<TrainEvent> => {
        const { failed, ...sums } = await trainer.collect();
        failures.add(failed, count);
        total = { outputs: addOutputs(total.outputs, sums.outputs), frames: total.frames + sums.frames };
        const now = performance.now();
        const event = {
          type: 'minibatches',
          step: trainer.steps,
          count,
          learningRate,
          ...sums,
          ...(failed.length > 0 ? { failed } : {}),
          seconds: (now - reported) / 1000,
          waitingSeconds: waiting / 1000,
        } as const;
        waitingAll += waiting;
        waiting = 0;
        reported = now;
        return event;
      };
      let sinceReport = 0;
      let rate = 0;
      return {
        push: async (minibatch: Minibatch) => {
          waiting += performance.now() - asked;
          const fraction = trainer.steps / totalSteps;
          rate = schedule({ fraction, step: trainer.steps });
          if (options.dropout) model.setDropout((component) => options.dropout!(component, fraction));
          await trainer.step(minibatch, rate);
          await breathe();
          signal?.throwIfAborted();
          sinceReport++;
          const events = sinceReport < reportEvery ? [] : [await report(rate, sinceReport)];
          if (events.length > 0) sinceReport = 0;
          asked = performance.now();
          return events;
        },
        close: () => {
          trainer.dispose();
          optimizer.discard();
        },
        flush: async () => {
          await trainer.finish(rate);
          const events: TrainEvent[] = sinceReport > 0 ? [await report(rate, sinceReport)] : [];
          failures.add([], 0, true);
          const { failed } = failures;
          const seconds = (performance.now() - began) / 1000;
          return [
            ...events,
            {
              type: 'end',
              step: trainer.steps,
              ...total,
              ...(failed > 0 ? { failed } : {}),
              seconds,
              waitingSeconds: waitingAll / 1000,
            },
          ];
        },
      };
    },
    { signal },
  );
}
