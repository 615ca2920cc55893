import {
  curriculumLength,
  EgsReport,
  type Example,
  mix,
  type Minibatch,
  sampleChunks,
  type SampleOptions,
  TargetJoiner,
  type UtteranceExample,
  wholeSequences,
  withTargets,
} from '@jebena/egs';
import type { Matrix } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { expect, test } from 'vitest';

const lengths = [30, 200, 90, 60];
const feats = (u: number): Matrix => ({
  rows: lengths[u]!,
  cols: 1,
  data: Float32Array.from({ length: lengths[u]! }, (_, t) => 1000 * u + t),
});
const alignments = new Map(
  lengths.map((n, u) => [`utt${u}`, Int32Array.from({ length: n }, (_, t) => 1000 * u + t)] as const),
);
const joiner = new TargetJoiner(alignments);
const options: SampleOptions = {
  utterances: lengths.map((frames, u) => ({ key: `utt${u}`, frames, group: u < 3 ? 'a' : 'b' })),
  load: (key) => joiner.join(key, feats(Number(key.slice(3)))),
  size: 20,
  count: 4000,
  leftContext: 2,
  seed: 7,
};
const shares = (examples: readonly Example[]): number[] =>
  lengths.map((_, u) => examples.filter((e) => e.key.startsWith(`utt${u}-`)).length / examples.length);
const near = (found: readonly number[], wanted: readonly number[]): void =>
  found.forEach((share, i) => expect(Math.abs(share - wanted[i]!)).toBeLessThan(0.03));

test('chunks are drawn by utterance, by length or by group, at even places', async () => {
  const byUtterance = await collect(sampleChunks(options));
  near(shares(byUtterance), [0.25, 0.25, 0.25, 0.25]);
  near(
    shares(await collect(sampleChunks({ ...options, by: 'frames' }))),
    lengths.map((n) => n / 380),
  );
  near(shares(await collect(sampleChunks({ ...options, by: 'group' }))), [1 / 6, 1 / 6, 1 / 6, 1 / 2]);
  const starts = byUtterance.filter((e) => e.key.startsWith('utt0-')).map((e) => Number(e.key.slice(5)));
  for (let start = 0; start <= 10; start++)
    expect(Math.abs(starts.filter((s) => s === start).length / starts.length - 1 / 11)).toBeLessThan(0.04);
  for (const { inputs, outputs } of byUtterance.slice(0, 50)) {
    const { targets } = outputs[0]!;
    if (targets.kind !== 'labels') throw new Error('labels expected');
    const { source, start } = inputs[0]!;
    if ('compression' in source) throw new Error('a matrix expected');
    expect(Array.from(targets.labels)).toEqual(
      Array.from({ length: 20 }, (_, i) => source.data[Math.max(0, start + 2 + i)]!),
    );
  }
});

test('sampling goes on from anywhere, and counts what will not do', async () => {
  const keys = async (more: Partial<SampleOptions>): Promise<string[]> =>
    (await collect(sampleChunks({ ...options, count: 50, ...more }))).map((e) => e.key);
  expect(await keys({ from: 20 })).toEqual((await keys({})).slice(20));
  expect(await keys({ seed: 8 })).not.toEqual(await keys({}));
  const report = new EgsReport();
  const long = await keys({ size: 80, report });
  expect(long.every((key) => /^utt[12]-/.test(key))).toBe(true);
  expect(report.count('too-short')).toBeGreaterThan(20);
  await expect(keys({ size: 300, report })).rejects.toThrow('has a chunk of 300 frames');
  await expect(keys({ size: 80 })).rejects.toThrow('too-short');
  await expect(keys({ by: 'group', utterances: [{ key: 'x' }] })).rejects.toThrow(
    "sampling by group: expected group of every utterance, found none of 'x'",
  );
});

test('streams are mixed in turn or by weight, and closed', async () => {
  const turns = await collect(
    mix(
      [
        ['a', 'b', 'c', 'd'],
        ['x', 'y'],
      ],
      { order: 'turns', weights: [2, 1] },
    ),
  );
  expect(turns).toEqual(['a', 'b', 'x', 'c', 'd', 'y']);
  const many = (letter: string): string[] => Array<string>(3000).fill(letter);
  const random = await collect(mix([many('a'), many('b')], { weights: [3, 1], until: 'first', seed: 1 }));
  expect(random.filter((x) => x === 'a').length / random.length).toBeCloseTo(0.75, 1);
  let closed = 0;
  async function* endless(): AsyncGenerator<number> {
    try {
      for (;;) yield 1;
    } finally {
      closed++;
    }
  }
  let seen = 0;
  for await (const _ of mix([endless(), endless()], { order: 'turns' })) if (++seen === 5) break;
  expect(closed).toBe(2);
});

const utterances = (): Promise<UtteranceExample[]> =>
  collect(withTargets(alignments)(lengths.map((_, u) => [`utt${u}`, feats(u)] as const)));

test('whole sequences of like length are padded together, with a mask', async () => {
  const report = { frames: 0, labels: 0 };
  const batches = await collect(
    wholeSequences({
      framesPerBatch: 150,
      bucketRatio: 2,
      longest: 70,
      leftContext: 1,
      rightContext: 2,
      rightContextFinal: 0,
    })(await utterances()),
  );
  for (const { sequences, inputs, outputs } of batches) {
    const [{ count, targets, weights }, input] = [outputs[0]!, inputs[0]!];
    if (targets.kind !== 'labels') throw new Error('labels expected');
    expect(sequences === 1 || sequences * count <= 150).toBe(true);
    for (let i = 0; i < count * sequences; i++) {
      const masked = weights !== undefined && weights[i] === 0;
      expect(targets.labels[i] === -1).toBe(masked);
      if (masked) continue;
      expect(input.feats.data[i + sequences]).toBe(targets.labels[i]);
      report.labels++;
    }
  }
  expect(report.labels).toBe(380);
  expect(curriculumLength(0, { start: 100 })).toBe(100);
  expect(curriculumLength(3, { start: 100, most: 500 })).toBe(500);
});

test('utterances without labels are given none', async () => {
  const [one] = await collect(withTargets(new Map<string, Int32Array>(), { unlabelled: true })([['utt0', feats(0)]]));
  expect(one!.outputs[0]!.targets).toEqual({ kind: 'labels', dim: 0, labels: new Int32Array(30).fill(-1) });
});

test('several streams and several outputs are cut alike', async () => {
  const second = new Map([['utt1', { rows: 200, cols: 3, data: new Float32Array(600).fill(2) }]]);
  const joined = new TargetJoiner(alignments, {
    moreInputs: { noise: second },
    moreOutputs: { 'output-xent': { targets: second } },
  });
  const both = await joined.join('utt1', feats(1));
  expect(both!.inputs.map((i) => i.name)).toEqual(['input', 'noise']);
  expect(both!.outputs.map((o) => [o.name, o.targets.kind])).toEqual([
    ['output', 'labels'],
    ['output-xent', 'dense'],
  ]);
  await expect(joined.join('utt0', feats(0))).rejects.toThrow("missing-features: 'utt0'");
});

test('a table that is read along is closed with the pipeline', async () => {
  let closed = false;
  async function* table(): AsyncGenerator<readonly [string, Int32Array]> {
    try {
      for (const item of alignments) yield item;
    } finally {
      closed = true;
    }
  }
  const corpus = lengths.map((_, u) => [`utt${u}`, feats(u)] as const);
  for await (const _ of withTargets(table())(corpus)) break;
  expect(closed).toBe(true);
  await testStage<UtteranceExample, Minibatch>({
    make: (o) => wholeSequences({ framesPerBatch: 100, ...o }),
    items: await utterances(),
    abortable: true,
  });
});
