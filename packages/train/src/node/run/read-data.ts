import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyMatrix,
  doubleMatrixHolder,
  int32VectorHolder,
  KaldiInput,
  type Matrix,
  matrixHolder,
  posteriorHolder,
} from '@jebena/io-ark';
import { openTable, readTable } from '@jebena/io-ark/node';
import { applyCmvn } from '@jebena/features';
import { alignmentToPdfs, countTransitions, TransitionModel, updateTransitions } from '@jebena/hmm';
import type { Lookup, TargetSource } from '@jebena/egs';
import { bool, defineOptions, text, UsageError } from '@jebena/options';
import type { Item } from '@jebena/stream';
import type { ChainData } from './chain-data.js';
import { need } from './need.js';
import { optionWords } from './option-words.js';
import type { TrainRunOptions } from './options.js';

/** What alignments give a run. */
export interface Alignments {
  readonly folder: string;
  /** With probabilities that fit the alignments. */
  readonly transitions: TransitionModel;
  /** A label for each frame, by utterance. */
  readonly pdfs: ReadonlyMap<string, Int32Array>;
  /** Frames of each pdf. */
  readonly counts: Float64Array;
}

/** The alignments of a folder, `ali.*.gz`, in transition ids. */
export async function* alignmentsOf(folder: string, signal: AbortSignal): AsyncGenerator<Item<Int32Array>> {
  const files = readdirSync(folder)
    .filter((name) => /^ali\.\d+\.gz$/.test(name))
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]));
  if (files.length === 0) throw new UsageError(`${folder}: expected alignments ali.1.gz, ..., found none`);
  for (const name of files) yield* readTable(int32VectorHolder, `ark:${join(folder, name)}`, { signal });
}

/**
 * Reads a folder of alignments as Kaldi's align scripts write it: `ali.*.gz`, `final.mdl`.
 *
 * @throws UsageError, KaldiIoError naming the file
 */
export async function readAlignments(folder: string, signal: AbortSignal): Promise<Alignments> {
  need(folder, 'a folder of alignments');
  const modelPath = need(join(folder, 'final.mdl'), 'the model of the alignments');
  const model = TransitionModel.read(new KaldiInput(readFileSync(modelPath), { path: modelPath }));
  const pdfs = new Map<string, Int32Array>();
  const counts = new Float64Array(model.numPdfs);
  const seen = new Float64Array(model.numTransitionIds + 1);
  for await (const [key, alignment] of alignmentsOf(folder, signal)) {
    const labels = alignmentToPdfs(model, alignment);
    pdfs.set(key, labels);
    for (const pdf of labels) counts[pdf]!++;
    countTransitions(model, [alignment]).forEach((n, tid) => (seen[tid]! += n));
  }
  return { folder, transitions: updateTransitions(model, seen), pdfs, counts };
}

const cmvnOptions = defineOptions({
  normMeans: bool(true, 'Subtract the mean'),
  normVars: bool(false, 'Divide by the deviation'),
  skipDims: text('', 'Columns to leave as they are'),
});

/** What `--feat.cmvn-opts` says. */
function parseCmvn(given: string): { normMeans: boolean; normVars: boolean; skipDims: number[] } {
  const options = optionWords('--feat.cmvn-opts', cmvnOptions, given);
  return { ...options, skipDims: options.skipDims.split(':').filter(Boolean).map(Number) };
}

/** Features and all that belongs to them, by utterance. */
export interface RunData {
  readonly keys: readonly string[];
  /** Utterances with features and nothing to train them towards. */
  readonly missing: readonly string[];
  feats(key: string): Promise<Matrix | undefined>;
  readonly targets: Lookup<TargetSource>;
  /** Number of pdfs; 0 where targets say how wide they are. */
  readonly dim: number;
  readonly ivectors: Lookup<Matrix> | undefined;
  readonly ivectorPeriod: number;
  close(): Promise<void>;
}

const firstWords = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(/\s/, 1)[0]!);

/**
 * Opens a data folder: features are read as they are asked for.
 *
 * @throws UsageError where a file is missing
 */
export function openData(
  options: TrainRunOptions,
  alignments: Alignments | undefined,
  chain: ChainData | undefined,
): RunData {
  const { data, targetsScp, useDenseTargets } = options;
  need(data, 'a data folder');
  const scp = need(join(data, 'feats.scp'), 'features (jebena compute-fbank-feats makes them)');
  const feats = openTable<Matrix>(matrixHolder, `scp:${scp}`, { allowPipes: true });
  const cmvn = normaliser(data, options['feat.cmvnOpts']);
  const targets = chain
    ? chain.targets
    : alignments
      ? { get: (key: string): Int32Array | undefined => alignments.pdfs.get(key) }
      : useDenseTargets
        ? openTable<TargetSource>(matrixHolder, `scp:${need(targetsScp, 'targets')}`)
        : openTable<TargetSource>(posteriorHolder, `scp:${need(targetsScp, 'targets')}`);
  const labelled = alignments ? alignments.pdfs : new Set(chain ? chain.keys : firstWords(targetsScp));
  const all = firstWords(scp);
  const dir = options['feat.onlineIvectorDir'];
  const ivectors = dir
    ? openTable<Matrix>(matrixHolder, `scp:${need(join(dir, 'ivector_online.scp'), 'i-vectors')}`)
    : undefined;
  return {
    keys: all.filter((key) => labelled.has(key)),
    missing: all.filter((key) => !labelled.has(key)),
    feats: async (key) => {
      const raw = await feats.get(key);
      return raw && cmvn.apply(key, raw);
    },
    targets: targets as Lookup<TargetSource>,
    dim: alignments?.transitions.numPdfs ?? 0,
    ivectors,
    ivectorPeriod: dir ? Number(readFileSync(need(join(dir, 'ivector_period'), 'the period of i-vectors'), 'utf8')) : 1,
    close: async () => {
      await feats.close();
      await cmvn.close();
      await chain?.close();
      await ivectors?.close();
    },
  };
}

function normaliser(
  data: string,
  given: string,
): { apply(key: string, m: Matrix): Promise<Matrix>; close(): Promise<void> } {
  const options = parseCmvn(given);
  if (!options.normMeans) {
    if (options.normVars)
      throw new UsageError('option --feat.cmvn-opts: expected --norm-means=true with --norm-vars=true, found false');
    return { apply: async (_, m) => m, close: async () => undefined };
  }
  const path = need(join(data, 'cmvn.scp'), 'statistics to normalise by (jebena compute-cmvn-stats makes them)');
  const stats = openTable<AnyMatrix>(doubleMatrixHolder, `scp:${path}`);
  const lines = readFileSync(need(join(data, 'utt2spk'), 'the speakers of utterances'), 'utf8')
    .split('\n')
    .filter(Boolean);
  const speakers = new Map(lines.map((line) => line.split(/\s+/) as [string, string]));
  return {
    apply: async (key, m) => {
      const found = await stats.get(speakers.get(key) ?? key);
      if (!found)
        throw new UsageError(`${path}: expected statistics of speaker '${speakers.get(key) ?? key}', found none`);
      return applyCmvn(m, found, options);
    },
    close: () => stats.close(),
  };
}
