import { chunks, type Minibatch, minibatches, shuffle, withTargets } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import { Network } from '@jebena/graph';
import { alignmentToPdfs } from '@jebena/hmm';
import type { Item } from '@jebena/stream';
import { adam, crossEntropy, exponentialDecay } from '@jebena/train';
import { pipe } from 'it-pipe';
import { secondsPerStep } from '../expected-time.js';
import type { Language } from '../language.js';
import { freshNetwork } from '../network.js';
import { trainEpoch, type TrainingOptions, type TrainingState } from '../training.js';
import type { Utterance } from '../utterance.js';
import { alignWithNetwork, equalAlignments } from './align.js';
import { planEpochs } from './plan.js';

/** Chunk sizes in frames: the shortest strings give one short chunk, long ones are cut with little left over. */
const chunkSizes = [100, 75, 50, 30, 20];
const minibatchRule = '32,16';
const rates = { initial: 2e-3, final: 5e-5 } as const;

/** What training starts from when there is no checkpoint. */
function freshState(
  language: Language,
  utterances: readonly Utterance[],
  { seed, arch }: TrainingOptions,
): TrainingState {
  const network = freshNetwork(arch, language, utterances[0]!.feats.cols, seed);
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
 * Trains with cross-entropy from a flat start: equal segmentation, a few passes, realignment with the network so far,
 * and again; then `epochs` passes.
 */
export async function trainCrossEntropy(
  engine: Engine,
  language: Language,
  utterances: readonly Utterance[],
  options: TrainingOptions,
  resumed?: TrainingState,
): Promise<TrainingState> {
  const { epochs, seed, signal, onMinibatches, onEpoch, onAlign, onExpected, save } = options;
  const plan = planEpochs(epochs);
  let state = resumed ?? freshState(language, utterances, options);
  const source = (epochSeed: number): AsyncIterable<Minibatch> =>
    examples(language, Network.fromBytes(state.network), utterances, state.alignments!, epochSeed);
  const perEpoch = await count(source(seed));
  const objective = crossEntropy();
  if (onExpected && state.done < plan.length) {
    const perStep = await secondsPerStep(engine, Network.fromBytes(state.network), objective, source(seed));
    onExpected(perStep * perEpoch.steps * (plan.length - state.done));
  }
  while (state.done < plan.length) {
    const planned = plan[state.done]!;
    if (planned.round > 0 && planned.epoch === 0) {
      onAlign?.(planned.round);
      const network = Network.fromBytes(state.network);
      const alignments = await alignWithNetwork(engine, network, language, utterances, state.alignments!, signal);
      state = { ...state, alignments };
    }
    state = await trainEpoch({
      engine,
      state,
      planned,
      source: source(seed + 1 + state.done),
      objective,
      optimizer: adam(),
      schedule: exponentialDecay(rates.initial, rates.final),
      totalSteps: plan.length * perEpoch.steps,
      seed,
      signal,
      onEvent: (event) => onMinibatches?.(planned, event, perEpoch.frames),
    });
    save(state);
    onEpoch?.(planned, state.epochs.at(-1)!);
  }
  return state;
}
