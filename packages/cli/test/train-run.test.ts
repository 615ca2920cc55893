import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@jebena/cli';
import { fromNnetExample, Random, writeShards } from '@jebena/egs';
import { AcousticModel, Network, readNetworkFile } from '@jebena/graph';
import { ContextTree, Topology, TransitionModel } from '@jebena/hmm';
import { KaldiOutput, type Matrix, matrix } from '@jebena/io-ark';
import { nodeStorage, writeInt32Vectors, writeMatrices } from '@jebena/io-ark/node';
import type { Job } from '@jebena/train/node';
import { pipe } from 'it-pipe';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { here, run } from './support/train-runs.js';

// Whole runs, some of them in processes: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'jebena-run-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]): string => join(folder, ...parts);
const bin = join(import.meta.dirname, '../bin/jebena.js');
const utterances = 40;
const dim = 5;

const xconfig = `input dim=${dim} name=input
fixed-affine-layer name=lda input=Append(-1,0,1) affine-transform-file=lda.mat
relu-batchnorm-dropout-layer name=tdnn1 dim=16 dropout-proportion=0.1 dropout-per-dim-continuous=true
relu-batchnorm-layer name=tdnn2 dim=16 input=Append(-1,0,1)
output-layer name=output dim=3 max-change=1.5`;

/** Frames of each of three states tell themselves by their first value. */
beforeAll(async () => {
  const random = Random.of(1);
  const state = {
    forwardPdfClass: 0,
    selfLoopPdfClass: 0,
    transitions: [
      { to: 0, probability: 0.5 },
      { to: 1, probability: 0.5 },
    ],
  };
  const topology = Topology.of([
    [
      [1, 2, 3],
      [state, { forwardPdfClass: -1, selfLoopPdfClass: -1, transitions: [] }],
    ],
  ]);
  const tree = ContextTree.monophone(topology);
  const transitions = TransitionModel.create(tree, topology);
  const feats: [string, Matrix][] = [];
  const alignments: [string, Int32Array][] = [];
  for (let u = 0; u < utterances; u++) {
    const m = matrix(36, dim);
    const tids = new Int32Array(36);
    for (let t = 0; t < 36; t++) {
      const phone = 1 + ((Math.floor(t / 6) + u) % 3);
      tids[t] = transitions.tid(phone, t % 6 === 5 ? 1 : 0);
      for (let c = 0; c < dim; c++) m.data[t * dim + c] = 2 * random.unit() - 1 + (c === 0 ? 3 * phone : 0);
    }
    feats.push([`utt${String(u).padStart(2, '0')}`, m]);
    alignments.push([feats[u]![0], tids]);
  }
  mkdirSync(at('data'));
  mkdirSync(at('ali'));
  await pipe(feats, writeMatrices(`ark,scp:${at('data/feats.ark')},${at('data/feats.scp')}`));
  const half = utterances / 2;
  await pipe(alignments.slice(0, half), writeInt32Vectors(`ark:| gzip -c > ${at('ali/ali.1.gz')}`));
  await pipe(alignments.slice(half), writeInt32Vectors(`ark:| gzip -c > ${at('ali/ali.2.gz')}`));
  const write = (thing: { write(output: KaldiOutput): void }): Uint8Array => {
    const output = new KaldiOutput({ binary: true });
    thing.write(output);
    return output.bytes();
  };
  writeFileSync(at('ali/final.mdl'), write(transitions));
  writeFileSync(at('ali/tree'), write(tree));
  writeFileSync(at('xconfig'), xconfig);
});

const usual = {
  xconfig: at('xconfig'),
  data: at('data'),
  ali: at('ali'),
  engine: 'tfjs-cpu',
  workers: 0,
  'egs.chunkWidth': '12,8',
  'egs.numUttsSubset': 4,
  'trainer.numEpochs': 3,
  'trainer.samplesPerIter': 400,
  'trainer.numChunkPerMinibatch': '8',
  'trainer.dropoutSchedule': '0,0.2@0.5,0',
  'trainer.optimization.numJobsInitial': 1,
  'trainer.optimization.numJobsFinal': 2,
  'trainer.optimization.initialEffectiveLrate': 0.01,
  'trainer.optimization.finalEffectiveLrate': 0.002,
} as const;

test('a run from features and alignments to a final model', async () => {
  const runner = here();
  const { model, records, log, warnings } = await run({ ...usual, out: at('whole') }, runner);
  expect(warnings).toEqual([]);
  expect(model).toBe(at('whole', 'final.mdl'));
  // 36 utterances of 36 frames: 4 archives; int(2 * 3 * 4 / 3) = 8 iterations, from one job to two.
  expect(records.map(({ jobs }) => jobs)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  const [first, last] = [records[0]!, records.at(-1)!];
  expect(last.objective).toBeGreaterThan(first.objective + 0.3);
  expect(last.valid!.accuracy).toBeGreaterThan(0.9);
  expect(log.at(-1)).toBe(`Wrote ${model}`);
  const { network, priors, transitions } = AcousticModel.fromBytes(readFileSync(model!));
  expect(network.outputDim()).toBe(3);
  expect(transitions.numPdfs).toBe(3);
  expect(priors.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  // The transitions are those of the alignments: six frames of each state.
  expect(Math.exp(transitions.logProbs[transitions.tid(1, 0)]!)).toBeCloseTo(5 / 6, 5);
  const job = runner.jobs.at(-1)!;
  expect(job.args).toContain('--l2-regularize-factor=0.5');
  // The network looks at two frames on either side.
  expect(job.args).toContain('--optimization.min-deriv-time=-10');
  expect(job.args).toContain('--optimization.max-deriv-time-relative=10');
  expect(job.args.find((arg) => arg.startsWith('--edits='))).toMatch(
    /set-dropout-proportion name=tdnn1.dropout proportion=0\.0\d/,
  );
  expect(readFileSync(at('whole/log/train.7.2.log'), 'utf8')).toMatch(/log-prob-per-frame=-/);
  expect(readFileSync(at('whole/log/compute_prob_valid.8.log'), 'utf8')).toMatch(
    /Overall log-likelihood for 'output' is -\S+ per frame, over/,
  );
  expect(readFileSync(at('whole/accuracy.report'), 'utf8').split('\n').length).toBeGreaterThan(10);
  expect(readFileSync(at('whole/report.html'), 'utf8')).toContain('<svg');
  expect(readdirSync(at('whole/events'))).toEqual([expect.stringMatching(/^events\.out\.tfevents\./)]);
  const there = (name: string): boolean => existsSync(at('whole', name));
  const configs = ['lda.mat', 'presoftmax_prior_scale.vec', 'final.config', 'vars'].map((name) => `configs/${name}`);
  expect(['tree', 'cmvn_opts', ...configs].filter((name) => !there(name))).toEqual([]);
  expect(['egs', '3.raw', '8.raw', '8.1.raw'].filter(there)).toEqual([]);
  // Once more: nothing is left to do but the end.
  await expect(run({ ...usual, out: at('whole'), 'trainer.numEpochs': 4 })).rejects.toThrow(
    /expected a run with trainer.numEpochs '4', found one with '3'; use another --out, or --restart/,
  );
});

test('a lost job is named, and the average is of the others', async () => {
  const lose = ({ name }: Job): boolean => name === 'train.5.2';
  const { warnings, records, model } = await run({ ...usual, out: at('lost') }, here(lose));
  expect(warnings).toEqual([
    expect.stringMatching(
      /^iteration 5: job 2 of 2 was lost \(ERROR \(train-job\) the machine is gone; .*train\.5\.2\.log\); the average is of the other 1$/,
    ),
  ]);
  expect(records.map(({ lost }) => lost)).toEqual([[], [], [], [], [], [2], [], []]);
  expect(readNetworkFile(readFileSync(model!)).outputDim()).toBe(3);
  expect(readFileSync(at('lost/report.html'), 'utf8')).toContain('iteration 6: job 2');
});

test('where all jobs are lost the run ends, and goes on when it is called again', async () => {
  let broken = true;
  const lose = ({ name }: Job): boolean => broken && name.startsWith('train.3.');
  const options = { ...usual, out: at('again') };
  const early = await run({ ...options, exitStage: 2 });
  expect([early.model, early.records.length]).toEqual([undefined, 2]);
  await expect(run(options, here(lose))).rejects.toThrow(
    /^iteration 3: all 1 jobs were lost; the first said: ERROR \(train-job\) the machine is gone/,
  );
  broken = false;
  const { log, model } = await run(options);
  expect(log[0]).toMatch(/3 of 8 iterations are done/);
  expect(readFileSync(model!).equals(readFileSync(at('whole/final.mdl')))).toBe(true);
});

test('a run that is killed goes on to the same model, bit for bit', async () => {
  const options = { ...usual, 'trainer.numEpochs': 1.5 };
  const { model, records } = await run({ ...options, out: at('unbroken') });
  expect(records.length).toBe(4);
  const flags = Object.entries({ ...options, workers: 1, checkpointPeriod: 0, threads: 1, out: at('killed') }).map(
    ([name, value]) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}=${value}`,
  );
  const start = (): { child: ChildProcess; ended: Promise<number | null> } => {
    const child = spawn(process.execPath, [bin, 'train', ...flags], { stdio: 'ignore' });
    return { child, ended: new Promise((resolve) => child.on('close', resolve)) };
  };
  const killed = start();
  while (killed.child.exitCode === null && !existsSync(at('killed/1.raw')))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, Math.floor(1500 * Math.random())));
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(existsSync(at('killed/final.mdl'))).toBe(false);
  expect(await start().ended).toBe(0);
  expect(readFileSync(at('killed/final.mdl')).equals(readFileSync(model!))).toBe(true);
});

test('single frames, as train_dnn.py takes them', async () => {
  const runner = here();
  const { records } = await run(
    {
      ...usual,
      out: at('dnn'),
      'egs.framesPerEg': 4,
      'trainer.numEpochs': 1,
      'trainer.optimization.minibatchSize': '64',
    },
    runner,
  );
  expect(runner.jobs[0]!.args).toEqual(
    expect.arrayContaining(['--frame=1', '--left-context=2', '--minibatch-size=32']),
  );
  expect(records.at(-1)!.valid!.accuracy).toBeGreaterThan(0.8);
});

test('targets of one’s own make a raw network', async () => {
  const targets = Array.from({ length: utterances }, (_, u): [string, Matrix] => {
    const m = matrix(36, 2);
    m.data.fill(u % 2);
    return [`utt${String(u).padStart(2, '0')}`, m];
  });
  await pipe(targets, writeMatrices(`ark,scp:${at('targets.ark')},${at('targets.scp')}`));
  writeFileSync(
    at('raw.xconfig'),
    `input dim=${dim} name=input\nrelu-layer name=r dim=8\noutput-layer name=output dim=2 include-log-softmax=false objective-type=quadratic`,
  );
  const { ali: _, ...rest } = usual;
  const { model, records } = await run({
    ...rest,
    out: at('raw'),
    xconfig: at('raw.xconfig'),
    targetsScp: at('targets.scp'),
    'trainer.numEpochs': 1,
    'trainer.dropoutSchedule': '',
  });
  expect(model).toBe(at('raw', 'final.raw'));
  expect(Network.fromBytes(readFileSync(model!)).outputDim()).toBe(2);
  expect(records.at(-1)!.objective).toBeGreaterThan(records[0]!.objective);
});

test('options are read as those of Kaldi’s scripts are given', async () => {
  const network = at('plain.config');
  writeFileSync(
    network,
    `input-node name=input dim=${dim}\ncomponent name=a type=NaturalGradientAffineComponent input-dim=${dim} output-dim=3\ncomponent-node name=a component=a input=input\ncomponent name=s type=LogSoftmaxComponent dim=3\ncomponent-node name=s component=s input=a\noutput-node name=output input=s`,
  );
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const words = ['--nnet-config', network, '--feat-dir', at('data'), '--ali-dir', at('ali'), '--dir', at('script')];
  const more = ['--cleanup', 'false', '--cleanup.remove-egs', 'false', '--exit-stage', '0', '--engine', 'tfjs-cpu'];
  expect(
    await main(['train', ...words, '--egs.chunk-width=12', '--use-gpu=wait', '--trainer.srand', '5', ...more]),
  ).toBe(0);
  spy.mockRestore();
  expect(readdirSync(at('script')).sort()).toEqual(expect.arrayContaining(['0.raw', 'egs', 'options.json']));
});

test('bad input is told in one line', async () => {
  const { ali: _, ...rest } = usual;
  await expect(run({ ...usual, out: at('bad'), data: at('nowhere') })).rejects.toThrow(
    /nowhere: expected a data folder, found no such file or folder/,
  );
  await expect(run({ ...rest, out: at('bad'), restart: true })).rejects.toThrow(
    /expected alignments \(--ali\), targets/,
  );
  mkdirSync(at('none'));
  await expect(run({ ...rest, out: at('bad'), restart: true, 'egs.dir': at('none') })).rejects.toThrow(
    /none: expected examples/,
  );
  mkdirSync(at('empty'));
  writeFileSync(at('empty/egs.1.ark'), '');
  await expect(run({ ...rest, out: at('bad'), restart: true, 'egs.dir': at('empty') })).rejects.toThrow(
    /egs\.1\.ark: expected examples, found none/,
  );
  // Examples of other features than the network's.
  const narrow = fromNnetExample('a', {
    io: [
      {
        name: 'input',
        indexes: { n: new Int32Array(3), t: Int32Array.of(-1, 0, 1), x: new Int32Array(3) },
        features: matrix(3, 2),
      },
      {
        name: 'output',
        indexes: { n: new Int32Array(1), t: new Int32Array(1), x: new Int32Array(1) },
        features: matrix(1, 3),
      },
    ],
  });
  mkdirSync(at('narrow'));
  await writeShards(at('narrow/train'), { storage: nodeStorage() })([narrow]);
  await expect(
    run({
      ...rest,
      out: at('bad'),
      restart: true,
      'egs.dir': at('narrow'),
      'trainer.optimization.numJobsFinal': 1,
    }),
  ).rejects.toThrow(/narrow\/train\.0\.egs: expected input 'input' of 5 values, as the network has, found 2/);
});
