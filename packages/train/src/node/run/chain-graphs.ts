import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { denominatorFst, normalizationFst, PhoneLanguageModel } from '@jebena/chain';
import { alignmentToPhoneRuns, ContextTree, TransitionModel } from '@jebena/hmm';
import { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { UsageError, atLeast, defineOptions, int } from '@jebena/options';
import { type Fst, readFst, writeFst } from '@jebena/wfst';
import { writeWhole } from '../write-whole.js';
import type { RunFolder } from './folder.js';
import { need } from './need.js';
import { optionWords } from './option-words.js';
import type { TrainRunOptions } from './options.js';
import { alignmentsOf } from './read-data.js';

/** What LF-MMI compares with, and what examples and the final model are made with. */
export interface ChainGraphs {
  /** File of the denominator graph. */
  readonly denominatorPath: string;
  readonly denominator: Fst;
  /** Undefined where only the denominator was given: examples and model files cannot be made then. */
  readonly model: ChainModel | undefined;
}

export interface ChainModel {
  /** The folder with the tree. */
  readonly folder: string;
  readonly tree: ContextTree;
  readonly transitions: TransitionModel;
  /** What numerators are composed with. */
  readonly normalization: Fst;
}

const lmOptions = defineOptions({
  ngramOrder: int(4, 'Longest n-grams', atLeast(2)),
  noPruneNgramOrder: int(3, 'N-grams up to this order are all kept', atLeast(2)),
  numExtraLmStates: int(1000, 'States kept besides those', atLeast(0)),
});

/**
 * The graphs of a run: the denominator that is given, or, as in Kaldi's script, one of the phones of the alignments in
 * the folder of the tree. `phone_lm.fst`, `den.fst` and `normalization.fst` in the folder of the run are used where they
 * are there, and are written there, with `0.trans_mdl` and `tree`.
 *
 * @throws UsageError where a file is missing, KaldiIoError
 */
export async function chainGraphs(
  folder: RunFolder,
  options: TrainRunOptions,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<ChainGraphs> {
  const given = options['chain.denFst'];
  const { treeDir } = options;
  if (!treeDir) {
    const denominator = readFst(readFileSync(need(given, 'a denominator graph')));
    return { denominatorPath: given, denominator, model: undefined };
  }
  need(treeDir, 'a folder with a tree');
  const treeBytes = readFileSync(need(join(treeDir, 'tree'), 'the tree'));
  const modelPath = need(join(treeDir, 'final.mdl'), 'the transition model');
  const tree = ContextTree.read(new KaldiInput(treeBytes, { path: join(treeDir, 'tree') }));
  const transitions = TransitionModel.read(new KaldiInput(readFileSync(modelPath), { path: modelPath }));
  writeWhole(folder.at('tree'), treeBytes);
  const output = new KaldiOutput({ binary: true });
  transitions.write(output);
  writeWhole(folder.at('0.trans_mdl'), output.bytes());
  const known = (name: string, make: () => Fst): Fst => {
    const path = folder.at(name);
    if (existsSync(path)) return readFst(readFileSync(path));
    const fst = make();
    writeWhole(path, writeFst(fst));
    return fst;
  };
  let denominator: Fst;
  const path = given || folder.at('den.fst');
  if (given || existsSync(path)) denominator = readFst(readFileSync(need(path, 'a denominator graph')));
  else {
    const phones = existsSync(folder.at('phone_lm.fst')) ? undefined : await countPhones(options, transitions, signal);
    const phoneLm = known('phone_lm.fst', () => phones!.estimate());
    denominator = known('den.fst', () => denominatorFst(tree, transitions, phoneLm));
    log(`Made a denominator graph of ${denominator.numStates} states and ${denominator.numArcs} arcs`);
  }
  const normalization = known('normalization.fst', () => normalizationFst(denominator));
  return { denominatorPath: path, denominator, model: { folder: treeDir, tree, transitions, normalization } };
}

async function countPhones(
  options: TrainRunOptions,
  transitions: TransitionModel,
  signal: AbortSignal,
): Promise<PhoneLanguageModel> {
  const estimator = new PhoneLanguageModel(optionWords('--chain.lm-opts', lmOptions, options['chain.lmOpts']));
  let utterances = 0;
  for await (const [, alignment] of alignmentsOf(options.treeDir, signal)) {
    estimator.add(alignmentToPhoneRuns(transitions, alignment).map(({ phone }) => phone));
    utterances++;
  }
  if (utterances === 0) throw new UsageError(`${options.treeDir}: expected alignments to count phones in, found none`);
  return estimator;
}
