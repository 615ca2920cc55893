import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import {
  type ChunkOptions,
  detach,
  EgsReport,
  type Example,
  chunks,
  Random,
  shuffle,
  TargetJoiner,
  type UtteranceExample,
  UtteranceSplitter,
  writeShards,
} from '@jebena/egs';
import type { Network } from '@jebena/graph';
import { nodeStorage } from '@jebena/io-ark/node';
import { type OptionValues, resolveOptions, UsageError } from '@jebena/options';
import { chainEgsOptions } from './chain-data.js';
import { isChain, subsampling } from './chain-options.js';
import type { Egs, EgsContext } from './egs.js';
import type { RunFolder } from './folder.js';
import { optionWords } from './option-words.js';
import type { TrainRunOptions } from './options.js';
import type { RunData } from './read-data.js';

/** The share of utterances that may fail before the run stops. */
const mostFailed = 0.1;

interface Say {
  readonly log: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** How utterances are cut. */
function cutting(
  network: Network,
  options: TrainRunOptions,
): Required<Pick<ChunkOptions, 'frameSubsamplingFactor' | 'overlap'>> & ChunkOptions & EgsContext {
  const framesPerEg = options['egs.framesPerEg'];
  const sizes = framesPerEg > 0 ? [framesPerEg] : options['egs.chunkWidth'].split(',').map(Number);
  const factor = subsampling(options);
  // Half a stride more, so that features can be moved against the targets.
  const spare = factor >> 1;
  const [leftContext, rightContext] = [network.leftContext + spare, network.rightContext + spare];
  const extraLeftContext = framesPerEg > 0 ? 0 : options['egs.chunkLeftContext'];
  const extraRightContext = framesPerEg > 0 ? 0 : options['egs.chunkRightContext'];
  const initial = options['egs.chunkLeftContextInitial'];
  const final = options['egs.chunkRightContextFinal'];
  return {
    sizes,
    leftContext,
    rightContext,
    extraLeftContext,
    extraRightContext,
    leftContextInitial: initial < 0 ? -1 : initial + leftContext,
    rightContextFinal: final < 0 ? -1 : final + rightContext,
    frameSubsamplingFactor: factor,
    overlap: optionsOfGetEgs(options).framesOverlapPerEg,
    seed: options['trainer.srand'],
  };
}

/** What `--egs.opts` says. */
function optionsOfGetEgs(options: TrainRunOptions): OptionValues<typeof chainEgsOptions> {
  if (isChain(options)) return optionWords('--egs.opts', chainEgsOptions, options['egs.opts']);
  const numUttsSubset = Number(/--num-utts-subset[ =](\d+)/.exec(options['egs.opts'])?.[1] ?? 0);
  return { ...resolveOptions(chainEgsOptions), numUttsSubset };
}

/** Frames of features that an example is about. */
const framesOf = ({ outputs }: Example): number => outputs[0]!.count * outputs[0]!.stride;

/** Frames of each utterance that can be cut. */
async function lengthsOf(
  data: RunData,
  labels: ReadonlyMap<string, Int32Array> | undefined,
): Promise<Map<string, number>> {
  const lengths = new Map<string, number>();
  for (const key of data.keys) lengths.set(key, labels?.get(key)?.length ?? (await data.feats(key))?.rows ?? 0);
  return lengths;
}

/**
 * Cuts utterances into examples and writes them to shards, in random order: `train.0.egs`, ... (the archives), and those
 * that training is measured on. What a run of get_egs.sh does.
 *
 * @throws UsageError where there are too few utterances
 */
export async function makeEgs(
  folder: RunFolder,
  network: Network,
  data: RunData,
  labels: ReadonlyMap<string, Int32Array> | undefined,
  options: TrainRunOptions,
  { log, warn }: Say,
  signal: AbortSignal,
): Promise<Egs> {
  const settings = cutting(network, options);
  const { frameSubsamplingFactor } = settings;
  const splitter = new UtteranceSplitter({
    sizes: settings.sizes as readonly number[],
    overlap: settings.overlap,
    frameSubsamplingFactor,
  });
  const lengths = await lengthsOf(data, labels);
  const cuttable = data.keys.filter((key) => lengths.get(key)! >= splitter.shortest);
  const { missing } = data;
  if (missing.length > 0) {
    const all = missing.length + data.keys.length;
    const line = `${missing.length} of ${all} utterances have no ${isChain(options) ? 'lattices' : 'targets'}, the first: ${missing[0]}`;
    if (isChain(options) && missing.length > mostFailed * all)
      throw new UsageError(`${line}; expected not more than ${100 * mostFailed} %`);
    warn(`${line}; they are left out`);
  }
  const short = data.keys.length - cuttable.length;
  if (short > 0)
    warn(
      `${short} of ${data.keys.length} utterances are shorter than the shortest chunk, ${splitter.shortest} frames, and are left out`,
    );
  if (cuttable.length < 3)
    throw new UsageError(
      `expected 3 utterances or more with features and targets, as long as a chunk, found ${cuttable.length}`,
    );
  const seed = options['trainer.srand'];
  const order = Random.of(seed, 'utterances').shuffle([...cuttable]);
  const asked = optionsOfGetEgs(options).numUttsSubset || options['egs.numUttsSubset'];
  const subset = Math.max(1, Math.min(asked, Math.floor(order.length / 10)));
  if (subset < asked) log(`Holding out ${subset} utterances: a tenth of all`);
  const valid = order.slice(0, subset);
  const train = order.slice(subset);
  const frames = train.reduce((n, key) => n + lengths.get(key)!, 0);
  const perEg = Math.max(1, options['egs.framesPerEg']);
  const archives = Math.max(
    Math.floor(frames / (options['trainer.framesPerIter'] || options['trainer.samplesPerIter'])) + 1,
    Math.ceil(options['trainer.optimization.numJobsFinal'] / (perEg * frameSubsamplingFactor)),
  );
  // Numerators can fail for single utterances, which are left out; other targets are wrong as a whole where one is.
  const told = new Set<string>();
  const reportOf = (mostFailed: number): EgsReport | undefined =>
    isChain(options)
      ? new EgsReport({
          onProblem: ({ key, utterance = key, message }) => {
            if (!told.has(utterance)) warn(`no examples of ${key}: ${message}`);
            told.add(utterance);
          },
          mostFailed,
        })
      : undefined;
  const cut = async function* (keys: readonly string[], mostFailed = 1): AsyncGenerator<Example> {
    const report = reportOf(mostFailed);
    const joiner = new TargetJoiner(data.targets, {
      dim: data.dim,
      ivectors: data.ivectors,
      ivectorPeriod: data.ivectorPeriod,
      frameSubsamplingFactor,
      report,
    });
    const utterances = async function* (): AsyncGenerator<UtteranceExample> {
      for (const key of keys) {
        signal.throwIfAborted();
        const feats = await data.feats(key);
        const joined = feats && (await joiner.join(key, feats));
        if (joined) yield joined;
      }
    };
    yield* chunks({ ...settings, report })(utterances());
    report?.check();
  };
  const storage = nodeStorage();
  const write = async (name: string, keys: readonly string[], most: number): Promise<string[]> => {
    const chosen: Example[] = [];
    for await (const example of cut(keys)) chosen.push(detach(example));
    let left = most;
    const enough = Random.of(seed, name)
      .shuffle(chosen)
      .filter((example) => (left -= framesOf(example)) > -framesOf(example));
    return writeShards(folder.at('egs', name), { storage, examplesPerShard: Math.max(1, enough.length) })(enough);
  };
  for (const name of existsSync(folder.at('egs')) ? readdirSync(folder.at('egs')) : [])
    if (name.endsWith('.egs')) rmSync(folder.at('egs', name));
  mkdirSync(folder.at('egs'), { recursive: true });
  const held = await write('valid_diagnostic', valid, options['egs.numFramesDiagnostic']);
  const known = train.slice(0, subset);
  const trainDiagnostic = await write('train_diagnostic', known, options['egs.numFramesDiagnostic']);
  const combine = await write('combine', train.slice(0, Math.max(subset, 1000)), options['egs.numFramesCombine']);
  // How many examples there will be follows from the lengths: utterances are cut by their keys.
  let examples = 0;
  for (const key of train) examples += splitter.split(lengths.get(key)!, Random.of(seed, key)).length;
  const buffer = options['trainer.shuffleBufferSize'];
  const shards = await writeShards(folder.at('egs', 'train'), {
    storage,
    examplesPerShard: Math.ceil(examples / archives),
  })(shuffle({ buffer, seed })(cut(train, mostFailed)));
  log(
    `Cut ${train.length} utterances, ${frames} frames, into ${examples} examples in ${shards.length} archives; held out ${subset} utterances`,
  );
  if (shards.length === 0) throw new UsageError('expected examples to train on, found none: see the warnings above');
  return {
    train: shards,
    valid: held,
    trainDiagnostic,
    combine,
    framesPerEg: options['egs.framesPerEg'],
    own: true,
  };
}
