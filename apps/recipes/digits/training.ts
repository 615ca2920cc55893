import { chunks, type Minibatch, minibatches, shuffle, withTargets } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import { configFromXconfig, type Model, Network } from '@jebena/graph';
import { alignmentToPdfs } from '@jebena/hmm';
import type { Item, Stage } from '@jebena/stream';
import { adam, crossEntropy, exponentialDecay, type MinibatchEvent, type Optimizer, train } from '@jebena/train';
import { pipe } from 'it-pipe';
import { alignWithNetwork, equalAlignments } from './align.js';
import { secondsPerStep } from './expected-time.js';
import type { Language } from './language.js';
import { networkXconfig } from './network.js';
import { type PlannedEpoch, planEpochs } from './plan.js';
import type { EpochResult } from './results.js';
import type { RunState } from './run-state.js';
import type { Utterance } from './utterance.js';

/** Chunk sizes in frames: the shortest strings give one short chunk, long ones are cut with little left over. */
const chunkSizes = [100, 75, 50, 30, 20];
const minibatchRule = '32,16';
const rates = { initial: 2e-3, final: 5e-5 } as const;

export interface TrainingOptions {
  readonly epochs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onMinibatches?: (planned: PlannedEpoch, event: MinibatchEvent, framesPerEpoch: number) => void;
  readonly onEpoch?: (planned: PlannedEpoch, result: EpochResult) => void;
  readonly onAlign?: (round: number) => void;
  /** Told once, before training: about how long it will take. */
  readonly onExpected?: (seconds: number) => void;
  /** Keeps a checkpoint. */
  readonly save: (state: Omit<RunState, 'fingerprint' | 'seconds'>) => void;
}

/** What training starts from when there is no checkpoint. */
function freshState(
  language: Language,
  utterances: readonly Utterance[],
  seed: number,
): Omit<RunState, 'fingerprint' | 'seconds'> {
  const xconfig = networkXconfig(utterances[0]!.feats.cols, language.transitionModel.numPdfs);
  const network = Network.fromConfig(configFromXconfig(xconfig), { seed });
  return {
    done: 0,
    steps: 0,
    epochs: [],
    network: network.toBytes(),
    alignments: equalAlignments(language, utterances),
    optimizer: {},
  };
}

/** The stages from utterances to minibatches; `seed` changes with the epoch. */
function examples(
  language: Language,
  network: Network,
  utterances: readonly Utterance[],
  alignments: ReadonlyMap<string, Int32Array>,
  seed: number,
): AsyncIterable<Minibatch> {
  const feats = utterances.map(({ id, feats }): Item<Utterance['feats']> => [id, feats]);
  const pdfs = new Map([...alignments].map(([id, tids]) => [id, alignmentToPdfs(language.transitionModel, tids)]));
  return pipe(
    feats.filter(([id]) => pdfs.has(id)),
    withTargets(pdfs, { dim: language.transitionModel.numPdfs }),
    chunks({ sizes: chunkSizes, leftContext: network.leftContext, rightContext: network.rightContext, seed }),
    shuffle({ buffer: 10_000, seed }),
    minibatches(minibatchRule),
  );
}

async function count(source: AsyncIterable<Minibatch>): Promise<{ steps: number; frames: number }> {
  const sum = { steps: 0, frames: 0 };
  for await (const { sequences, inputs } of source) {
    sum.steps++;
    sum.frames += sequences * inputs[0]!.count;
  }
  return sum;
}

/**
 * Trains from a flat start: equal segmentation, a few passes, realignment with the network so far, and again; then
 * `epochs` passes. After each pass the network goes through its file form, also where nothing interrupts the run:
 * so a run that goes on from a checkpoint has the very numbers of one that was never stopped.
 */
export async function trainDigits(
  engine: Engine,
  language: Language,
  utterances: readonly Utterance[],
  { epochs, seed, signal, onMinibatches, onEpoch, onAlign, onExpected, save }: TrainingOptions,
  resumed?: Omit<RunState, 'fingerprint' | 'seconds'>,
): Promise<{ network: Network; alignments: ReadonlyMap<string, Int32Array>; epochs: readonly EpochResult[] }> {
  const plan = planEpochs(epochs);
  let state = resumed ?? freshState(language, utterances, seed);
  let network = Network.fromBytes(state.network);
  const perEpoch = await count(examples(language, network, utterances, state.alignments, seed));
  if (onExpected && state.done < plan.length) {
    const perStep = await secondsPerStep(
      engine,
      network,
      examples(language, network, utterances, state.alignments, seed),
    );
    onExpected(perStep * perEpoch.steps * (plan.length - state.done));
  }
  const schedule = exponentialDecay(rates.initial, rates.final);
  while (state.done < plan.length) {
    const planned = plan[state.done]!;
    if (planned.round > 0 && planned.epoch === 0) {
      onAlign?.(planned.round);
      state = {
        ...state,
        alignments: await alignWithNetwork(engine, network, language, utterances, state.alignments, signal),
      };
    }
    const model = network.load(engine);
    const optimizer = adam()(model);
    optimizer.restore(state.optimizer);
    const source = examples(language, network, utterances, state.alignments, seed + 1 + state.done);
    const stage = train(model, {
      objective: crossEntropy(),
      optimizer,
      schedule,
      totalSteps: plan.length * perEpoch.steps,
      firstStep: state.steps,
      seed,
      signal,
    });
    const result = await runEpoch(source, stage, planned, (event) => onMinibatches?.(planned, event, perEpoch.frames));
    network = await model.save();
    state = {
      ...state,
      done: state.done + 1,
      steps: result.steps,
      epochs: [...state.epochs, result.epoch],
      network: network.toBytes(),
      optimizer: await optimizer.state(),
    };
    release(model, optimizer);
    network = Network.fromBytes(state.network);
    save(state);
    onEpoch?.(planned, result.epoch);
  }
  return { network, alignments: state.alignments, epochs: state.epochs };
}

function release(model: Model, optimizer: Optimizer): void {
  optimizer.dispose();
  model.dispose();
}

async function runEpoch(
  source: AsyncIterable<Minibatch>,
  stage: Stage<Minibatch, import('@jebena/train').TrainEvent>,
  planned: PlannedEpoch,
  onEvent: (event: MinibatchEvent) => void,
): Promise<{ epoch: EpochResult; steps: number }> {
  let learningRate = 0;
  for await (const event of stage(source)) {
    if (event.type === 'minibatches') {
      learningRate = event.learningRate;
      onEvent(event);
      continue;
    }
    const { objective, weight, correct = 0 } = event.outputs['output']!;
    const { frames, seconds, waitingSeconds, step } = event;
    return {
      epoch: {
        ...planned,
        objective: objective / weight,
        accuracy: correct / weight,
        learningRate,
        frames,
        seconds,
        waitingSeconds,
      },
      steps: step,
    };
  }
  throw new Error('training ended without its last event');
}
