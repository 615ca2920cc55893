import { existsSync, readFileSync, rmSync } from 'node:fs';
import { chainTargetsAs } from '@jebena/egs';
import { outputObjectives } from '@jebena/train';
import { createEngine } from '@jebena/engine/node';
import { scaleNetwork, setLearningRate } from '@jebena/graph';
import { decodeFrame, encodeFrame } from '@jebena/io-ark';
import { atLeast, bool, choice, defineOptions, float, int, text } from '@jebena/options';
import { stopWithParent, trainOnShards, writeWhole } from '@jebena/train/node';
import { applyDerivWeights, chainOptions, readChainObjective } from '../chain/chain-options.js';
import { edited } from '../graph/model-changes.js';
import { readNetwork } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { PassLog } from './pass-log.js';
import { pickEngine } from './pick-engine.js';
import { derivativeLimits, passOptimizer, trainPassOptions } from './train-pass.js';

const options = defineOptions({
  ...trainPassOptions,
  minibatchSize: text('64', 'Sizes of minibatches, e.g. 64, 128,64, 1:64 or 150=64,32/90=128:256'),
  leftOver: choice('merge', ['merge', 'drop'], 'What becomes of examples that fill no minibatch'),
  learningRate: float(-1, 'Learning rate of all components; below 0: as the model says'),
  scale: float(1, 'Parameters of the model are first multiplied by this'),
  edits: text('', 'Edits of the model, with semicolons between them'),
  frame: int(-1, 'Train on this frame alone of every example; -1: on all'),
  denominator: text('', 'Train by LF-MMI, on chain examples, with this denominator graph'),
  frameShift: int(0, 'Move the features of chain examples by so many frames against their targets', atLeast(0)),
  ...chainOptions,
  applyDerivWeights,
  leftContext: int(0, 'Frames of left context, with --frame', atLeast(0)),
  rightContext: int(0, 'Frames of right context, with --frame', atLeast(0)),
  workers: int(1, 'Threads that read and merge examples', atLeast(0)),
  stateIn: text('', "The optimizer's state that another pass left"),
  stateOut: text('', "File for the optimizer's state"),
  checkpoint: text('', 'File that keeps where the pass is; it goes on from there'),
  checkpointPeriod: float(60, 'Seconds between checkpoints at least; 0: after every minibatch', atLeast(0)),
  anyMachine: bool(false, 'Go on also where the checkpoint is of another engine or number of threads'),
});

/** One pass over shards of examples: what a job of `jebena train` is. */
export const program: Program<typeof options> = defineProgram({
  name: 'train-job',
  summary: 'Trains a network on shards of examples in one pass, with checkpoints: a job of jebena train.',
  usage: ['<raw-model-in> <raw-model-out> <shard1> [<shard2> ...]'],
  options,
  args: [3, Infinity],
  run: async ([modelIn, modelOut, ...shards], given, context) => {
    const signal = stopWithParent(context.signal);
    let network = await readNetwork(modelIn!);
    const objective = given.denominator
      ? await readChainObjective(given.denominator, network, given)
      : outputObjectives(network);
    if (given.learningRate >= 0) network = setLearningRate(network, given.learningRate);
    if (given.scale !== 1) network = scaleNetwork(network, given.scale);
    network = await edited(network, { edits: given.edits, editsConfig: '' }, context.log);
    if (given.zeroComponentStats) network = network.withoutStatistics();
    const engine = await createEngine(pickEngine(given));
    const told = new PassLog(context.log, given.printInterval);
    const result = await trainOnShards(network, engine, shards, {
      objective,
      optimizer: passOptimizer(given),
      optimizerState: stateOf(given.stateIn),
      change: given.denominator
        ? chainTargetsAs({ xent: given.xentRegularize !== 0, derivWeights: given.applyDerivWeights })
        : undefined,
      shift: given.frameShift,
      rule: given.minibatchSize,
      leftOver: given.leftOver,
      seed: given.srand,
      trainSeed: given.srand,
      workers: given.workers,
      frame:
        given.frame < 0
          ? undefined
          : { number: given.frame, leftContext: given.leftContext, rightContext: given.rightContext },
      batchNormStatsScale: given.batchnormStatsScale,
      storeStatistics: given.storeComponentStats,
      derivativeLimits: derivativeLimits(given),
      checkpoint: given.checkpoint
        ? {
            path: given.checkpoint,
            period: given.checkpointPeriod,
            run: JSON.stringify([modelIn, shards, { ...given, ...notTheRun }]),
            anyMachine: given.anyMachine,
            log: context.warn,
          }
        : undefined,
      onMinibatches: (event) => told.add(event),
      signal,
    });
    told.end(result.steps, result.outputs, true);
    if (result.interrupted) {
      const kept = given.checkpoint ? `; the same command goes on from ${given.checkpoint}` : '';
      context.warn(`interrupted after ${result.steps} minibatches${kept}`);
      return 130;
    }
    const waiting = ((100 * result.waitingSeconds) / result.seconds).toFixed(1);
    context.log(
      `${result.steps} minibatches, ${Math.round(result.frames / result.seconds)} frames/s, waiting for data ${waiting} % of ${result.seconds.toFixed(1)} s`,
    );
    if (given.stateOut)
      writeWhole(given.stateOut, encodeFrame({ header: { kind: 'optimizer' }, arrays: result.optimizerState }));
    writeWhole(modelOut!, result.network.toBytes({ binary: given.binary }));
    if (given.checkpoint) rmSync(given.checkpoint, { force: true });
    context.log(`Wrote raw model to ${modelOut}`);
    return 0;
  },
});

/** Options that do not change what a pass computes. */
const notTheRun = {
  checkpoint: '',
  checkpointPeriod: 0,
  anyMachine: false,
  workers: 0,
  printInterval: 0,
  stateOut: '',
};

/** Momentum begins anew: the last change was made to another model. */
function stateOf(path: string): Record<string, Float32Array> | undefined {
  if (!path || !existsSync(path)) return undefined;
  const kept = Object.entries(decodeFrame(readFileSync(path), path).arrays).filter(
    ([name]) => !name.startsWith('delta:'),
  );
  return Object.fromEntries(kept);
}
