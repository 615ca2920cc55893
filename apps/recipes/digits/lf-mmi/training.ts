import { addXentBranch, type Minibatch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import { Random } from '@jebena/features';
import { Network } from '@jebena/graph';
import { adam, averageNetworks, chainObjective, exponentialDecay, type Schedule } from '@jebena/train';
import { secondsPerStep } from '../expected-time.js';
import type { Language } from '../language.js';
import type { Normaliser } from '../normalise.js';
import { freshNetwork } from '../network.js';
import { trainEpoch, type TrainingOptions, type TrainingState } from '../training.js';
import type { DigitsData } from '../utterance.js';
import { augmentation } from './augmentation.js';
import { chainGraphs } from './chain-graphs.js';
import { type DrawnString, StringDrawer } from './draw-strings.js';
import { chainMinibatchOf, groupByLength } from './minibatches.js';

const rates = { initial: 1.5e-3, final: 3e-5 } as const;
/** Kaldi's recipes' own, but for the l2 of the output, which is theirs too. */
const objectiveSettings = { leakyHmmCoefficient: 0.1, l2Regularize: 5e-5, xentRegularize: 0.1 } as const;
/** Larger gradients are made this large. */
const clipNorm = 5;
/** The learning rate grows over so many steps: the first gradients of a flat start are wild. */
const warmUpSteps = 50;
/** Share of strings that are normalised as if the speaker had been heard before. */
const lateStrings = 0.5;
/** The model is the average of the networks after so many of the last epochs. */
const averaged = 3;

/**
 * Trains with lattice-free MMI from a flat start: no alignment is ever made, the numerators are all ways to say the
 * transcripts. Every epoch draws new strings of the recordings.
 */
export async function trainLfMmi(
  engine: Engine,
  language: Language,
  data: DigitsData,
  normaliser: Normaliser,
  { epochs, seed, arch, signal, onMinibatches, onEpoch, onExpected, save }: TrainingOptions,
  resumed?: TrainingState,
): Promise<TrainingState> {
  let state: TrainingState = resumed ?? {
    done: 0,
    steps: 0,
    epochs: [],
    network: freshNetwork(arch, language, data.noise.cols, seed).toBytes(),
    recent: [],
    optimizer: {},
  };
  const graphs = chainGraphs(language);
  const drawer = new StringDrawer(data, augmentation);
  const network = Network.fromBytes(state.network);
  const draw = (epoch: number): DrawnString[][] => {
    const random = new Random(seed * 1_000_003 + epoch);
    const strings = data.train
      .flatMap((string) => drawer.draw(random, string) ?? [])
      .map(({ words, feats }) => ({
        words,
        feats: random.uniform() < lateStrings ? normaliser.applyLate(feats) : normaliser.apply(feats),
      }));
    return groupByLength(random, strings);
  };
  const minibatchOf = (key: string, group: readonly DrawnString[]): Minibatch => {
    const minibatch = chainMinibatchOf(key, group, network, language, graphs);
    return network.hasNode('output-xent') ? addXentBranch(minibatch) : minibatch;
  };
  async function* minibatches(groups: readonly DrawnString[][]): AsyncGenerator<Minibatch> {
    for (const [i, group] of groups.entries()) yield minibatchOf(`strings-${i}-${group.length}`, group);
  }
  const objective = chainObjective({ denominator: graphs.denominator, ...objectiveSettings });
  const decay = exponentialDecay(rates.initial, rates.final);
  const schedule: Schedule = (at) => decay(at) * Math.min(1, (at.step + 1) / warmUpSteps);
  // Epochs differ by a few steps: strings are drawn anew.
  const first = draw(0);
  const frames = first.flat().reduce((n, s) => n + s.feats.rows, 0);
  if (onExpected && state.done < epochs) {
    const perStep = await secondsPerStep(engine, network, objective, minibatches(first));
    onExpected(perStep * first.length * (epochs - state.done));
  }
  while (state.done < epochs) {
    const planned = { round: 0, epoch: state.done };
    state = await trainEpoch({
      engine,
      state,
      planned,
      source: minibatches(draw(1 + state.done)),
      objective,
      optimizer: adam({ clipNorm }),
      schedule,
      totalSteps: epochs * first.length,
      seed,
      signal,
      onEvent: (event) => onMinibatches?.(planned, event, frames),
    });
    state = { ...state, recent: [...(state.recent ?? []), state.network].slice(-averaged) };
    save(state);
    onEpoch?.(planned, state.epochs.at(-1)!);
  }
  const final = averageNetworks(state.recent!.map((bytes) => Network.fromBytes(bytes)));
  return { ...state, network: final.toBytes() };
}
