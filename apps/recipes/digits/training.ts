import type { Minibatch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import { Network } from '@jebena/graph';
import {
  type MinibatchEvent,
  type Objective,
  type OptimizerFactory,
  type Schedule,
  train,
  type TrainEvent,
} from '@jebena/train';
import type { EpochResult, PlannedEpoch } from './results.js';
import type { RunState } from './run-state.js';

/** A checkpoint without what the run adds to it. */
export type TrainingState = Omit<RunState, 'fingerprint' | 'seconds'>;

export interface TrainingOptions {
  readonly epochs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** A network to train instead of the recipe's own: `xconfig=FILE`; or nothing. */
  readonly arch: string;
  readonly onMinibatches?: (planned: PlannedEpoch, event: MinibatchEvent, framesPerEpoch: number) => void;
  readonly onEpoch?: (planned: PlannedEpoch, result: EpochResult) => void;
  readonly onAlign?: (round: number) => void;
  /** Told once, before training: about how long it will take. */
  readonly onExpected?: (seconds: number) => void;
  /** Keeps a checkpoint. */
  readonly save: (state: TrainingState) => void;
}

/** What both ways to train need for one pass. */
export interface EpochParts {
  readonly engine: Engine;
  readonly state: TrainingState;
  readonly planned: PlannedEpoch;
  readonly source: AsyncIterable<Minibatch>;
  readonly objective: Objective;
  readonly optimizer: OptimizerFactory;
  readonly schedule: Schedule;
  /** Of the whole run. */
  readonly totalSteps: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: MinibatchEvent) => void;
}

/**
 * Trains the state's network for one pass. The network goes through its file form, also where nothing interrupts the
 * run: so a run that goes on from a checkpoint has the very numbers of one that was never stopped.
 */
export async function trainEpoch(parts: EpochParts): Promise<TrainingState> {
  const { engine, state, planned, source, objective, schedule, totalSteps, seed, signal, onEvent } = parts;
  const model = Network.fromBytes(state.network).load(engine);
  const optimizer = parts.optimizer(model);
  try {
    optimizer.restore(state.optimizer);
    const firstStep = state.steps;
    const stage = train(model, { objective, optimizer, schedule, totalSteps, firstStep, seed, signal });
    const { epoch, steps } = await passThrough(stage(source), planned, onEvent);
    const network = (await model.save()).toBytes();
    const epochs = [...state.epochs, epoch];
    return { ...state, done: state.done + 1, steps, epochs, network, optimizer: await optimizer.state() };
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

async function passThrough(
  events: AsyncIterable<TrainEvent>,
  planned: PlannedEpoch,
  onEvent: (event: MinibatchEvent) => void,
): Promise<{ epoch: EpochResult; steps: number }> {
  let learningRate = 0;
  for await (const event of events) {
    if (event.type === 'minibatches') {
      learningRate = event.learningRate;
      onEvent(event);
      continue;
    }
    const { output, 'output-xent': branch } = event.outputs;
    const { objective, weight, correct } = output!;
    const { frames, seconds, waitingSeconds, step } = event;
    const epoch = {
      ...planned,
      objective: objective / weight,
      ...(correct !== undefined && { accuracy: correct / weight }),
      ...(branch && { branch: branch.objective / branch.weight }),
      learningRate,
      frames,
      seconds,
      waitingSeconds,
    };
    return { epoch, steps: step };
  }
  throw new Error('training ended without its last event');
}
