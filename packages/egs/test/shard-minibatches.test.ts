import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunks, minibatches, oneFrame, shuffle, withTargets, writeShards, type Minibatch } from '@jebena/egs';
import { sampledMinibatches, ShardFile, shardMinibatches } from '@jebena/egs/node';
import { matrix } from '@jebena/io-ark';
import { nodeStorage, writeInt32Vectors, writeMatrices } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import { pipe } from 'it-pipe';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'jebena-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const utterances = Array.from({ length: 30 }, (_, u) => {
  const feats = matrix(40 + ((7 * u) % 50), 4);
  feats.data.forEach((_, i) => (feats.data[i] = u * 1000 + i));
  return [`utt${u}`, feats] as const;
});
const pdfs = new Map(utterances.map(([key, { rows }]) => [key, Int32Array.from({ length: rows }, (_, i) => i % 7)]));
const context = { leftContext: 3, rightContext: 2 };
let shards: string[];

beforeAll(async () => {
  shards = await pipe(
    utterances,
    withTargets(pdfs, { dim: 7 }),
    chunks({ sizes: [20, 10], ...context }),
    shuffle({ seed: 1 }),
    writeShards(join(folder, 'train'), { storage: nodeStorage(), examplesPerShard: 25, compression: 'none' }),
  );
});

const settings = { rule: '8,4', seed: 5 };

/** First values of every sequence of an input: which chunks are in it. */
const chunksOf = ({ inputs, sequences }: Minibatch): number[] =>
  Array.from({ length: sequences }, (_, n) => inputs[0]!.feats.data[n * 4]!);

test('minibatches are the same for any number of workers and from any of them on', async () => {
  const whole = await collect(shardMinibatches(shards, { ...settings, workers: 0 }));
  expect(whole.length).toBeGreaterThan(8);
  expect(await collect(shardMinibatches(shards, { ...settings, workers: 1 }))).toEqual(whole);
  expect(await collect(shardMinibatches(shards, { ...settings, workers: 3, from: 4 }))).toEqual(whole.slice(4));
  const other = await collect(shardMinibatches(shards, { ...settings, seed: 6, workers: 0 }));
  expect(other.flatMap(chunksOf)).not.toEqual(whole.flatMap(chunksOf));
  // The same chunks in another order.
  expect(other.flatMap(chunksOf).sort()).toEqual(whole.flatMap(chunksOf).sort());
});

test('in the order written they are those of the pipeline', async () => {
  const plain = pipe(
    utterances,
    withTargets(pdfs, { dim: 7 }),
    chunks({ sizes: [20, 10], ...context }),
    shuffle({ seed: 1 }),
    minibatches('8,4'),
  );
  expect(await collect(shardMinibatches(shards, { rule: '8,4', workers: 0 }))).toEqual(await collect(plain));
  const dropped = await collect(shardMinibatches(shards, { rule: 8, leftOver: 'drop', workers: 0 }));
  expect(dropped.every(({ sequences }) => sequences === 8)).toBe(true);
});

test('one frame of each example, with its context', async () => {
  const [file] = shards;
  const example = new ShardFile(file!).example(0);
  const { inputs, outputs } = oneFrame(example, 4, 3, 2);
  expect([inputs[0]!.first, inputs[0]!.count, outputs[0]!.count]).toEqual([-3, 6, 1]);
  const batches = await collect(shardMinibatches(shards, { rule: 16, workers: 1, frame: { number: 4, ...context } }));
  const first = batches[0]!;
  expect([first.sequences, first.inputs[0]!.count, first.outputs[0]!.count]).toEqual([16, 6, 1]);
  // The first frame of context of the first example is its fifth.
  const source = example.inputs[0]!.source;
  if (!('data' in source)) throw new Error('expected floats');
  expect([...first.inputs[0]!.feats.data.subarray(0, 4)]).toEqual([...source.data.subarray(16, 20)]);
  expect(() => oneFrame(example, 30, 3, 2)).toThrow(/expected more than 30 frames, found/);
  expect(() => oneFrame(example, 0, 4, 2)).toThrow(/expected 4 and 2 frames of context, found times -3 to/);
});

test('a torn shard is named', async () => {
  const torn = join(folder, 'torn.egs');
  writeFileSync(torn, readFileSync(shards[0]!).subarray(0, 9000));
  await expect(collect(shardMinibatches([torn], settings))).rejects.toMatchObject({
    code: 'ERR_SHARD',
    message: expect.stringContaining(`${torn}: expected`),
  });
});

test('chunks drawn straight from features are the same for any number of workers', async () => {
  await pipe(utterances, writeMatrices(`ark,scp:${join(folder, 'feats.ark')},${join(folder, 'feats.scp')}`));
  await pipe([...pdfs], writeInt32Vectors(`ark:${join(folder, 'pdfs.ark')}`));
  const options = {
    feats: `scp:${join(folder, 'feats.scp')}`,
    pdfs: `ark:${join(folder, 'pdfs.ark')}`,
    dim: 7,
    sequences: 6,
    minibatches: 5,
    size: 20,
    by: 'frames' as const,
    seed: 3,
    ...context,
  };
  const whole = await collect(sampledMinibatches({ ...options, workers: 0 }));
  expect(whole.map(({ key, sequences, inputs }) => [key, sequences, inputs[0]!.count])).toEqual(
    Array.from({ length: 5 }, (_, i) => [`sampled-${i}-6`, 6, 25]),
  );
  expect(await collect(sampledMinibatches({ ...options, workers: 2 }))).toEqual(whole);
  expect(await collect(sampledMinibatches({ ...options, workers: 1, from: 3 }))).toEqual(whole.slice(3));
  // Each label stands beside its own frame: the first value of a row is 1000 u + 4 t, the label t mod 7.
  const { inputs, outputs } = whole[0]!;
  const { targets } = outputs[0]!;
  if (targets.kind !== 'labels') throw new Error('expected labels');
  for (let n = 0; n < 6; n++) {
    const value = inputs[0]!.feats.data[(context.leftContext * 6 + n) * 4]!;
    expect(targets.labels[n]).toBe(((value % 1000) / 4) % 7);
  }
});
