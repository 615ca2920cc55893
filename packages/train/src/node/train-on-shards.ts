import { existsSync, readFileSync } from 'node:fs';
import type { Minibatch } from '@jebena/egs';
import { shardMinibatches, type ShardMinibatchesOptions } from '@jebena/egs/node';
import type { Engine } from '@jebena/engine';
import type { Network } from '@jebena/graph';
import { map } from '@jebena/stream';
import { Checkpoint, CheckpointError, saveCheckpoint } from '../checkpoint/checkpoint.js';
import type { OptimizerFactory } from '../optimizers/optimizer.js';
import type { Schedule } from '../schedules/schedule.js';
import { addOutputs, type MinibatchEvent, type OutputSums } from '../trainer/events.js';
import { train, type TrainOptions } from '../trainer/train.js';
import type { StatisticsSettings } from '../trainer/trainer.js';
import { checkShards } from './check-shards.js';
import { writeWhole } from './write-whole.js';

/** Where a run is kept, so that it can go on after it was stopped in any way. */
export interface CheckpointSettings {
  readonly path: string;
  /** Seconds between checkpoints at least; 0: after every minibatch. */
  readonly period: number;
  /** What must be the same for a checkpoint to be gone on with: one of something else is passed over. */
  readonly run: string;
  /** Goes on with one of another engine or number of threads too: the result is then near, not the same. Default false. */
  readonly anyMachine?: boolean;
  /** Told, in one line, what it went on from, and what could not be written. */
  readonly log?: (line: string) => void;
}

export interface ShardTrainingOptions extends StatisticsSettings, Omit<ShardMinibatchesOptions, 'from' | 'signal'> {
  readonly objective: TrainOptions['objective'];
  readonly optimizer: OptimizerFactory;
  /** NaN, the default, stands for each component's own rate. */
  readonly schedule?: Schedule;
  readonly totalSteps?: number;
  /** Of dropout and the like. */
  readonly trainSeed?: number;
  /** What another run left of the same optimizer. */
  readonly optimizerState?: Readonly<Record<string, Float32Array>> | undefined;
  /** Makes each minibatch what is trained on, such as {@link addXentBranch} does. */
  readonly change?: ((minibatch: Minibatch) => Minibatch) | undefined;
  readonly checkpoint?: CheckpointSettings | undefined;
  readonly reportEvery?: number;
  readonly onMinibatches?: (event: MinibatchEvent) => void;
  /** Ends the run after the minibatch under way; it is kept where there is a checkpoint. */
  readonly signal?: AbortSignal | undefined;
}

/** What a pass over shards gave. */
export interface ShardTraining {
  readonly network: Network;
  readonly optimizerState: Record<string, Float32Array>;
  /** Over the whole pass, also what was done before it was stopped. */
  readonly outputs: Readonly<Record<string, OutputSums>>;
  readonly steps: number;
  /** Of this process alone. */
  readonly frames: number;
  readonly seconds: number;
  readonly waitingSeconds: number;
  /** It was stopped before its end. */
  readonly interrupted: boolean;
}

interface Extra {
  readonly run: string;
  readonly outputs: Readonly<Record<string, OutputSums>>;
}

/**
 * One pass over shards of examples, whose minibatches worker threads make, kept by checkpoints: killed at any point, it
 * goes on to the very same result when it is called again with the same arguments.
 *
 * @throws DivergedError, ShardError, UsageError where the examples do not fit the network
 */
export async function trainOnShards(
  start: Network,
  engine: Engine,
  shards: readonly string[],
  options: ShardTrainingOptions,
): Promise<ShardTraining> {
  const { checkpoint: kept, signal, objective, workers, ahead, rule, leftOver, seed, frame, shift, change } = options;
  checkShards(start, shards);
  const checkpoint = found(kept, engine);
  const network = checkpoint?.network ?? start;
  const model = network.load(engine);
  const optimizer = options.optimizer(model);
  if (checkpoint) checkpoint.restore(model, optimizer);
  else if (options.optimizerState) optimizer.restore(options.optimizerState);
  const firstStep = checkpoint?.steps ?? 0;
  let outputs = checkpoint?.extra.outputs ?? {};
  let steps = firstStep;
  let saved = performance.now();
  const save = async (): Promise<void> => {
    if (!kept) return;
    try {
      writeWhole(kept.path, await saveCheckpoint(model, optimizer, steps, { run: kept.run, outputs } satisfies Extra));
    } catch (error) {
      // A full disk must not end what can still go well; the checkpoint before stays.
      kept.log?.(`no checkpoint: ${(error as Error).message}`);
    }
    saved = performance.now();
  };
  const stage = train(model, {
    ...options,
    objective,
    optimizer,
    schedule: options.schedule ?? (() => Number.NaN),
    totalSteps: options.totalSteps ?? Infinity,
    firstStep,
    reportEvery: kept?.period === 0 ? 1 : (options.reportEvery ?? 10),
    seed: options.trainSeed ?? 0,
    // The source ends instead: so all that was done is counted.
    signal: undefined,
  });
  const batches = shardMinibatches(shards, { workers, ahead, rule, leftOver, seed, frame, shift, from: firstStep });
  let ended = { frames: 0, seconds: 0, waitingSeconds: 0 };
  try {
    for await (const event of stage(until(change ? map(change)(batches) : batches, signal))) {
      if (event.type === 'end') {
        ended = event;
        continue;
      }
      steps = event.step;
      outputs = addOutputs(outputs, event.outputs);
      options.onMinibatches?.(event);
      if (kept && performance.now() - saved >= 1000 * kept.period && !signal?.aborted) await save();
    }
    const interrupted = signal?.aborted ?? false;
    if (interrupted) await save();
    const optimizerState = await optimizer.state();
    const { frames, seconds, waitingSeconds } = ended;
    return {
      network: await model.save(),
      optimizerState,
      outputs,
      steps,
      frames,
      seconds,
      waitingSeconds,
      interrupted,
    };
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

async function* until<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (signal?.aborted) return;
  for await (const item of source) {
    if (signal?.aborted) return;
    yield item;
    if (signal?.aborted) return;
  }
}

/** The checkpoint of this run, where there is one. */
function found(kept: CheckpointSettings | undefined, engine: Engine): Checkpoint<Extra> | undefined {
  if (!kept || !existsSync(kept.path)) return undefined;
  const checkpoint = new Checkpoint<Extra>(readFileSync(kept.path), kept.path);
  if (checkpoint.extra?.run !== kept.run) return undefined;
  const difference = checkpoint.difference(engine);
  if (difference && !kept.anyMachine)
    throw new CheckpointError(`${kept.path}: ${difference}; remove it to begin anew, or ask for any machine`);
  const but = difference ? `, although ${difference}: the result will not be the same to the last bit` : '';
  kept.log?.(`going on after minibatch ${checkpoint.steps} from ${kept.path}${but}`);
  return checkpoint;
}
