import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@jebena/cli';
import { inputMatrix, Random, Shard } from '@jebena/egs';
import { type Network, readNetworkFile, UpdatableComponent } from '@jebena/graph';
import { type Matrix, matrix } from '@jebena/io-ark';
import { writeMatrices } from '@jebena/io-ark/node';
import { pipe } from 'it-pipe';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { here, run } from './support/train-runs.js';

// What a run makes of its data folder: i-vectors, normalisation; and what it makes its parameters smaller by.

vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), 'jebena-run-data-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]): string => join(folder, ...parts);

const utterances = 30;
const frames = 36;
const key = (u: number): string => `utt${String(u).padStart(2, '0')}`;
const speaker = (u: number): string => `spk${u % 3}`;
/** Each speaker's features lie elsewhere, and spread more or less. */
const offset = [100, -60, 5];
const spread = [4, 1, 20];

let feats: [string, Matrix][];

/** The target is the sign of what a frame differs from its speaker's mean by; noise on a second column. */
beforeAll(async () => {
  const random = Random.of(5);
  const targets: [string, Matrix][] = [];
  const ivectors: [string, Matrix][] = [];
  const byIvector: [string, Matrix][] = [];
  feats = [];
  for (let u = 0; u < utterances; u++) {
    const [m, y] = [matrix(frames, 2), matrix(frames, 1)];
    for (let t = 0; t < frames; t++) {
      const x = 2 * random.unit() - 1;
      m.data.set([offset[u % 3]! + spread[u % 3]! * x, spread[u % 3]! * (2 * random.unit() - 1)], 2 * t);
      y.data[t] = x > 0 ? 1 : -1;
    }
    feats.push([key(u), m]);
    targets.push([key(u), y]);
    // A row for 12 frames; in the last third of an utterance it says the opposite of before.
    const sign = u % 2 === 0 ? 1 : -1;
    ivectors.push([key(u), { rows: 3, cols: 2, data: Float32Array.of(sign, 0.3, sign, 0.3, -sign, 0.3) }]);
    const z = matrix(frames, 1);
    z.data.fill(sign, 0, 24);
    z.data.fill(-sign, 24);
    byIvector.push([key(u), z]);
  }
  for (const name of ['data', 'ivectors']) mkdirSync(at(name));
  const write = (name: string, table: [string, Matrix][]): Promise<unknown> =>
    pipe(table, writeMatrices(`ark,scp:${at(`${name}.ark`)},${at(`${name}.scp`)}`));
  await write('data/feats', feats);
  await write('targets', targets);
  await write('by-ivector', byIvector);
  await write('ivectors/ivector_online', ivectors);
  writeFileSync(at('ivectors/ivector_period'), '12\n');
  const lines = feats.map(([id], u) => `${id} ${speaker(u)}\n`);
  writeFileSync(at('data/utt2spk'), lines.join(''));
  writeFileSync(
    at('data/spk2utt'),
    [0, 1, 2]
      .map(
        (s) =>
          `spk${s} ${feats
            .filter((_, u) => u % 3 === s)
            .map(([id]) => id)
            .join(' ')}\n`,
      )
      .join(''),
  );
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const [spk2utt, scp] = [`--spk2utt=ark:${at('data/spk2utt')}`, `scp:${at('data/feats.scp')}`];
  const made = await main([
    'compute-cmvn-stats',
    spk2utt,
    scp,
    `ark,scp:${at('data/cmvn.ark')},${at('data/cmvn.scp')}`,
  ]);
  spy.mockRestore();
  expect(made).toBe(0);
});

const head = 'output-layer name=output dim=1 include-log-softmax=false objective-type=quadratic';
const xconfig = (name: string, ...lines: string[]): string => {
  writeFileSync(at(`${name}.xconfig`), ['input dim=2 name=input', ...lines, head].join('\n'));
  return at(`${name}.xconfig`);
};

const usual = {
  data: at('data'),
  targetsScp: at('targets.scp'),
  engine: 'tfjs-cpu',
  workers: 0,
  'egs.chunkWidth': '12',
  'egs.numUttsSubset': 3,
  'cleanup.removeEgs': false,
  'trainer.numEpochs': 4,
  'trainer.samplesPerIter': 400,
  'trainer.numChunkPerMinibatch': '8',
  'trainer.optimization.initialEffectiveLrate': 0.01,
  'trainer.optimization.finalEffectiveLrate': 0.003,
} as const;

test('features are normalised by their speaker’s statistics', async () => {
  const network = xconfig('cmvn', 'relu-layer name=r dim=8');
  const given = { ...usual, xconfig: network };
  const normalised = await run({ ...given, out: at('cmvn'), 'feat.cmvnOpts': '--norm-means=true --norm-vars=true' });
  // Targets of 1 and -1: half of their square is 0.5.
  expect(normalised.records.at(-1)!.valid!.objective).toBeGreaterThan(-0.15);
  const shard = new Shard(new Uint8Array(readFileSync(at('cmvn/egs/train.0.egs'))));
  const example = shard.example(0);
  const [, id, first] = /^(.*)-(\d+)$/.exec(example.key)!;
  const u = feats.findIndex(([name]) => name === id);
  const own = feats.filter((_, i) => i % 3 === u % 3).map(([, m]) => m);
  const values = (c: number): number[] =>
    own.flatMap((m) => Array.from({ length: frames }, (_, t) => m.data[2 * t + c]!));
  const found = inputMatrix(example.inputs[0]!);
  for (const c of [0, 1]) {
    const all = values(c);
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length);
    for (let t = 0; t < found.rows; t++)
      // Features are compressed in examples.
      expect(found.data[2 * t + c]).toBeCloseTo(
        (feats[u]![1].data[2 * (Number(first) + t) + c]! - mean) / deviation,
        1,
      );
  }
  expect(readFileSync(at('cmvn/cmvn_opts'), 'utf8')).toBe('--norm-means=true --norm-vars=true\n');
  rmSync(at('data/cmvn.scp'), { force: false });
  await expect(run({ ...given, out: at('no-cmvn'), 'feat.cmvnOpts': '--norm-means=true' })).rejects.toThrow(
    /cmvn\.scp: expected statistics to normalise by/,
  );
  await expect(run({ ...given, out: at('bad-cmvn'), 'feat.cmvnOpts': '--norm-mean=true' })).rejects.toThrow(
    "option --feat.cmvn-opts: unknown option '--norm-mean=true'",
  );
});

test('i-vectors come from their own folder, the row of each chunk’s time', async () => {
  const network = xconfig(
    'ivector',
    'input dim=2 name=ivector',
    'relu-layer name=r dim=8 input=Append(Scale(0.001, input), ReplaceIndex(ivector, t, 0))',
  );
  const given = { ...usual, xconfig: network, targetsScp: at('by-ivector.scp') };
  const { records } = await run({ ...given, out: at('ivector'), 'feat.onlineIvectorDir': at('ivectors') });
  // The features know nothing of the target: chance leaves -0.5.
  expect(records.at(-1)!.valid!.objective).toBeGreaterThan(-0.1);
  await expect(run({ ...given, out: at('no-ivector') })).rejects.toThrow(
    /train\.0\.egs: expected an input 'ivector', which the network reads, found none/,
  );
  await expect(run({ ...given, out: at('lost-ivector'), 'feat.onlineIvectorDir': at('data') })).rejects.toThrow(
    /ivector_online\.scp: expected i-vectors/,
  );
});

/** Length of all parameters. */
function length(network: Network): number {
  let sum = 0;
  for (const component of network.components.values())
    if (component instanceof UpdatableComponent)
      for (const { data } of Object.values(component.parameters())) for (const value of data) sum += value * value;
  return Math.sqrt(sum);
}

test('parameters shrink in proportion to the learning rate, or when units saturate', async () => {
  const network = xconfig('shrink', 'sigmoid-layer name=s dim=8');
  const given = { ...usual, xconfig: network, 'trainer.numEpochs': 2 };
  const scales = async (out: string, more: object): Promise<number[]> => {
    const runner = here();
    const { records } = await run({ ...given, ...more, out: at(out) }, runner);
    for (const [i, { args }] of runner.jobs.entries())
      expect(args).toContain(`--learning-rate=${records[i]!.learningRate}`);
    return runner.jobs.map(({ args }) => Number(args.find((arg) => arg.startsWith('--scale='))!.slice(8)));
  };
  const none = await scales('still', {});
  expect(none.length).toBeGreaterThan(3);
  expect(new Set(none)).toEqual(new Set([1]));
  const proportional = await scales('proportional', { 'trainer.optimization.proportionalShrink': 10 });
  expect(proportional[0]).toBeCloseTo(1 - 10 * 0.01, 6);
  expect(proportional.at(-1)).toBeCloseTo(1 - 10 * 0.003, 6);
  const value = { 'trainer.optimization.shrinkValue': 0.8 };
  const saturated = await scales('saturated', { ...value, 'trainer.optimization.shrinkSaturationThreshold': 0 });
  // The first model has no statistics yet.
  expect(saturated).toEqual([1, ...saturated.slice(1).map(() => 0.8)]);
  const calm = await scales('calm', { ...value, 'trainer.optimization.shrinkSaturationThreshold': 1 });
  expect(new Set(calm)).toEqual(new Set([1]));
  await expect(run({ ...given, out: at('steep'), 'trainer.optimization.proportionalShrink': 60 })).rejects.toThrow(
    /proportional-shrink: expected 1 minus it times the learning rate above 0\.5, found/,
  );
  // What the option does: without learning, the model is as much smaller.
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const [before, after, shard] = [at('still/0.raw'), at('half.raw'), at('still/egs/train.0.egs')];
  const words = ['--engine=tfjs-cpu', '--scale=0.5', '--learning-rate=0', '--workers=0'];
  expect(await main(['train-job', ...words, before, after, shard])).toBe(0);
  spy.mockRestore();
  const ofFile = (path: string): number => length(readNetworkFile(readFileSync(path)));
  expect(ofFile(after)).toBeCloseTo(0.5 * ofFile(before), 4);
});
