import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PhoneLanguageModel } from '@jebena/chain';
import { type NnetChainExample, nnetChainExampleHolder } from '@jebena/egs';
import { Mfcc } from '@jebena/features';
import { AcousticModel, readNetworkFile } from '@jebena/graph';
import { type Matrix, readWave } from '@jebena/io-ark';
import { readTable, tableWriter, writeMatrices, writeTable } from '@jebena/io-ark/node';
import { type Item } from '@jebena/stream';
import { type CompactLattice, compactLatticeHolder, equivalent, readFst, writeFst } from '@jebena/wfst';
import { pipe } from 'it-pipe';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { parseStrings, renderString } from '../../../apps/recipes/digits/strings.js';
import { here, run } from './support/train-runs.js';
import { shared, testShared as test } from '../../../test/support/shared.js';

vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'jebena-chain-run-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]): string => join(folder, ...parts);
const golden = (name: string): string => shared('golden/chain', name);

const xconfig = `input dim=40 name=input
fixed-affine-layer name=lda input=Append(-1,0,1) affine-transform-file=lda.mat
relu-batchnorm-layer name=tdnn1 dim=24
relu-batchnorm-layer name=tdnn2 dim=24 input=Append(-3,0,3)
output-layer name=output include-log-softmax=false dim=36 max-change=1.5
output-layer name=output-xent input=tdnn2 dim=36 learning-rate-factor=5.0 max-change=1.5`;

const usual = {
  engine: 'tfjs-wasm',
  workers: 0,
  'chain.xentRegularize': 0.1,
  'chain.leakyHmmCoefficient': 0.1,
  'chain.applyDerivWeights': false,
  'trainer.optimization.initialEffectiveLrate': 0.005,
  'trainer.optimization.finalEffectiveLrate': 0.001,
} as const;

let pdfs = 0;

/** Kaldi's ten examples as two archives, as its script leaves them. */
beforeAll(async () => {
  if (!existsSync(golden('egs.ark'))) return;
  const examples: Item<NnetChainExample>[] = [];
  for await (const one of readTable(nnetChainExampleHolder, `ark:${golden('egs.ark')}`)) examples.push(one);
  pdfs = examples[0]![1].outputs[0]!.supervision.labelDim;
  for (const name of ['egs', 'one']) mkdirSync(at(name));
  const write = async (name: string, some: readonly Item<NnetChainExample>[]): Promise<void> => {
    const writer = tableWriter<NnetChainExample>(nnetChainExampleHolder, `ark:${at(name)}`);
    await writer.open();
    for (const [key, example] of some) await writer.write(key, example);
    await writer.close();
  };
  await write('egs/cegs.1.ark', examples.slice(0, 5));
  await write('egs/cegs.2.ark', examples.slice(5));
  for (const name of ['valid_diagnostic', 'train_diagnostic', 'combine']) await write(`egs/${name}.cegs`, examples);
  await write('one/cegs.1.ark', examples.slice(0, 1));
  await write('one/valid_diagnostic.cegs', examples);
  writeFileSync(at('xconfig'), xconfig.replaceAll('dim=36', `dim=${pdfs}`));
});

const numbers = (log: string, output: string): number =>
  Number(new RegExp(`'${output}' is (\\S+) per frame, over 397 frames`).exec(log)![1]);

test('a run by LF-MMI on Kaldi’s examples', async () => {
  const runner = here();
  const { model, records, log } = await run(
    {
      ...usual,
      out: at('run'),
      xconfig: at('xconfig'),
      'egs.dir': at('egs'),
      'chain.denFst': golden('den.fst'),
      'chain.l2Regularize': 5e-5,
      'trainer.numEpochs': 2,
      'trainer.numChunkPerMinibatch': '4',
      'trainer.derivTruncateMargin': '5',
      'trainer.optimization.numJobsInitial': 1,
      'trainer.optimization.numJobsFinal': 2,
      'trainer.optimization.backstitchTrainingScale': 0.3,
    },
    runner,
  );
  // Two archives at three frame shifts: int(2 * 2 * 6 / 3) iterations.
  expect(records.length).toBe(8);
  expect(records.at(-1)!.valid!.objective).toBeGreaterThan(records[0]!.valid!.objective + 0.1);
  expect(model).toBe(at('run', 'final.raw'));
  expect(log.join('\n')).toMatch(/^Combining \d+ nnets, objective function changed from -\S+ to -\S+$/m);
  const of = (i: number): readonly string[] => runner.jobs[i]!.args;
  expect(of(0)).toEqual(
    expect.arrayContaining([
      `--denominator=${golden('den.fst')}`,
      '--frame-shift=1',
      '--l2-regularize=0.00005',
      '--xent-regularize=0.1',
      '--leaky-hmm-coefficient=0.1',
      '--apply-deriv-weights=false',
      '--minibatch-size=2',
      '--backstitch-training-scale=0',
      '--optimization.min-deriv-time=-9',
      '--optimization.max-deriv-time-relative=9',
    ]),
  );
  // Every archive is seen at every shift.
  const seen = runner.jobs
    .slice(0, 6)
    .map(({ args }) => `${args.at(-1)!.at(-7)} ${args.find((a) => /frame-shift/.test(a))}`);
  expect(new Set(seen).size).toBe(6);
  expect(readFileSync(at('run/log/train.7.2.log'), 'utf8')).toMatch(/'output' is -\S+ \+ -\S+ = -\S+ over/);
  expect(readFileSync(at('run/frame_subsampling_factor'), 'utf8')).toBe('3\n');
});

test('models are measured as Kaldi measures them', async () => {
  const { model } = await run({
    ...usual,
    out: at('measured'),
    'trainer.inputModel': golden('model.raw'),
    'egs.dir': at('one'),
    'chain.denFst': golden('den.fst'),
    'trainer.numEpochs': 1,
    exitStage: 1,
    'trainer.numChunkPerMinibatch': '4',
  });
  expect(model).toBeUndefined();
  const theirs = readFileSync(golden('prob.txt'), 'utf8');
  const ours = readFileSync(at('measured/log/compute_prob_valid.0.log'), 'utf8');
  for (const output of ['output', 'output-xent'])
    expect(Math.abs(numbers(ours, output) - numbers(theirs, output))).toBeLessThan(1e-4);
});

test('a run by LF-MMI from features and lattices', async () => {
  const kaldi = shared('fsdd/kaldi');
  for (const name of ['tree', 'lats', 'data', 'lattices']) mkdirSync(at(name), { recursive: true });
  copyFileSync(golden('tree'), at('tree/tree'));
  copyFileSync(golden('0.trans_mdl'), at('tree/final.mdl'));
  copyFileSync(join(kaldi, 'tri_ali_train/final.mdl'), at('lats/final.mdl'));
  const strings = parseStrings(readFileSync(shared('fsdd/train.tsv'), 'utf8'), 'train.tsv').slice(0, 40);
  const ids = new Set(strings.map(({ id }) => id));
  const lattices: Item<CompactLattice>[] = [];
  for (const job of [1, 2])
    for await (const one of readTable(compactLatticeHolder, `ark:${join(kaldi, `tri_lats_train/lat.${job}.gz`)}`))
      if (ids.has(one[0])) lattices.push(one);
  await writeTable<CompactLattice>(compactLatticeHolder, `ark:| gzip -c > ${at('lats/lat.1.gz')}`)(lattices);
  const mfcc = new Mfcc({ sampleFrequency: 8000, useEnergy: false, numMelBins: 40, numCeps: 40, dither: 0 });
  const recording = (file: string): Float32Array =>
    readWave(readFileSync(shared('fsdd/recordings', file))).channels[0]!;
  const feats = strings.map((string): Item<Matrix> => [string.id, mfcc.compute(renderString(string, recording))]);
  await pipe(feats, writeMatrices(`ark,scp:${at('data/feats.ark')},${at('data/feats.scp')}`));
  // As Kaldi's script does, a run takes the phone language model that is there.
  mkdirSync(at('whole'));
  copyFileSync(golden('phone_lm.fst'), at('whole/phone_lm.fst'));
  const { model, records, warnings, log } = await run({
    ...usual,
    out: at('whole'),
    xconfig: at('xconfig'),
    featDir: at('data'),
    treeDir: at('tree'),
    latDir: at('lats'),
    'egs.chunkWidth': '140,100,80',
    'egs.numUttsSubset': 4,
    'trainer.numEpochs': 1,
    'trainer.framesPerIter': 8000,
    'trainer.numChunkPerMinibatch': '8,4',
  });
  expect(warnings).toEqual([]);
  expect(log[0]).toMatch(/^Made a denominator graph of \d+ states and \d+ arcs$/);
  for (const name of ['den.fst', 'normalization.fst'])
    expect(equivalent(readFst(readFileSync(at('whole', name))), readFst(readFileSync(golden(name))))).toBe(true);
  expect(records.at(-1)!.valid!.objective).toBeGreaterThan(records[0]!.objective);
  const { network, priors, transitions } = AcousticModel.fromBytes(readFileSync(model!));
  expect([network.outputDim(), transitions.numPdfs, priors.length]).toEqual([pdfs, pdfs, 0]);
  expect(readdirSync(at('whole')).sort()).toEqual(
    expect.arrayContaining(['0.trans_mdl', 'cmvn_opts', 'final.mdl', 'frame_subsampling_factor', 'tree']),
  );
  expect(readNetworkFile(readFileSync(model!)).leftContext).toBe(4);
});

test('utterances that give no numerator are named; too many of them stop the run', async () => {
  const given = {
    ...usual,
    xconfig: at('xconfig'),
    featDir: at('some'),
    treeDir: at('tree'),
    latDir: at('lats'),
    'egs.chunkWidth': '140,100,80',
    exitStage: 0,
  };
  // Of 40 utterances one has no lattice.
  const scp = readFileSync(at('data/feats.scp'), 'utf8').trim().split('\n');
  const stranger = scp[0]!.replace(/^\S+/, 'stranger');
  mkdirSync(at('some'));
  writeFileSync(at('some/feats.scp'), `${[...scp, stranger].join('\n')}\n`);
  mkdirSync(at('one-missing'));
  copyFileSync(golden('phone_lm.fst'), at('one-missing/phone_lm.fst'));
  const { warnings } = await run({ ...given, out: at('one-missing') });
  expect(warnings).toEqual(['1 of 41 utterances have no lattices, the first: stranger; they are left out']);
  const strangers = Array.from({ length: 8 }, (_, i) => stranger.replace('stranger', `stranger${i}`));
  writeFileSync(at('some/feats.scp'), `${[...scp, ...strangers].join('\n')}\n`);
  mkdirSync(at('many-missing'));
  copyFileSync(golden('phone_lm.fst'), at('many-missing/phone_lm.fst'));
  await expect(run({ ...given, out: at('many-missing') })).rejects.toThrow(
    '8 of 48 utterances have no lattices, the first: stranger0; expected not more than 10 %',
  );
  // A language model of phones that knows one sequence alone: the denominator contains no numerator.
  writeFileSync(at('some/feats.scp'), `${scp.join('\n')}\n`);
  mkdirSync(at('narrow'));
  const lm = new PhoneLanguageModel();
  lm.add([1, 2, 1]);
  writeFileSync(at('narrow/phone_lm.fst'), writeFst(lm.estimate()));
  const told: string[] = [];
  await expect(run({ ...given, out: at('narrow') }, undefined, told)).rejects.toThrow(
    /utterances failed, more than 10 %; the first: the denominator has none of the paths of output frames \d+ to \d+/,
  );
  expect(told[0]).toMatch(/^no examples of \S+-\d+: the denominator has none of the paths of output frames/);
  expect(existsSync(at('narrow/egs.json'))).toBe(false);
});
