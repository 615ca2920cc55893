import {
  chunks,
  encodeShard,
  type Example,
  fromNnetExample,
  mergeExamples,
  type Minibatch,
  minibatches,
  nnetExampleHolder,
  readShards,
  Shard,
  type Targets,
  withTargets,
  writeShards,
} from '@jebena/egs';
import { memoryStorage, readTable } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.ts';

const merged = (examples: readonly Example[]): Minibatch[] => examples.map((e) => mergeExamples([e], e.key));

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const count = fc.integer({ min: 1, max: 12 });
const targets = (rows: number): fc.Arbitrary<Targets> =>
  fc.oneof(
    fc
      .array(fc.integer({ min: -1, max: 9 }), { minLength: rows, maxLength: rows })
      .map((labels): Targets => ({ kind: 'labels', dim: 10, labels: Int32Array.from(labels) })),
    fc
      .array(float, { minLength: 2 * rows, maxLength: 2 * rows })
      .map((v): Targets => ({ kind: 'dense', dim: 2, values: { rows, cols: 2, data: Float32Array.from(v) } })),
    fc
      .array(fc.array(fc.tuple(fc.nat(9), float), { maxLength: 3 }), { minLength: rows, maxLength: rows })
      .map((frames): Targets => {
        const rowStart = Int32Array.from([0, ...frames.map((_, i) => frames.slice(0, i + 1).flat().length)]);
        const pairs = frames.flat();
        const labels = Int32Array.from(pairs, ([l]) => l);
        return { kind: 'posterior', dim: 10, rowStart, labels, weights: Float32Array.from(pairs, ([, w]) => w) };
      }),
  );
const example: fc.Arbitrary<Example> = count.chain((rows) =>
  fc.record({
    key: fc.stringMatching(/^[a-z]{1,8}-\d{1,3}$/),
    inputs: fc
      .record({ start: fc.integer({ min: -3, max: 3 }), values: fc.array(float, { minLength: 3, maxLength: 60 }) })
      .map(({ start, values }) => [
        {
          name: 'input',
          first: -2,
          count: rows + 2,
          stride: 1,
          start,
          source: {
            rows: Math.floor(values.length / 3),
            cols: 3,
            data: Float32Array.from(values.slice(0, 3 * Math.floor(values.length / 3))),
          },
        },
      ]),
    outputs: fc
      .record({
        t: targets(rows),
        w: fc.option(fc.array(float, { minLength: rows, maxLength: rows }), { nil: undefined }),
      })
      .map(({ t, w }) => [
        { name: 'output', first: 0, count: rows, stride: 1, targets: t, weights: w && Float32Array.from(w) },
      ]),
  }),
);

test('what is written comes back, whatever the examples', () => {
  fc.assert(
    fc.property(fc.array(example, { minLength: 1, maxLength: 6 }), (examples) => {
      const shard = new Shard(encodeShard(examples, { compression: 'none' }));
      const back = Array.from({ length: shard.length }, (_, i) => shard.example(i));
      expect(merged(back)).toEqual(merged(examples));
      expect(back.map((e) => e.key)).toEqual(examples.map((e) => e.key));
    }),
    { numRuns: 40 },
  );
});

test('a torn or foreign shard is refused wherever it is torn', () => {
  fc.assert(
    fc.property(
      fc.array(example, { minLength: 1, maxLength: 3 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, at) => {
        const bytes = encodeShard(all);
        const torn = bytes.subarray(0, Math.floor(at * bytes.length));
        if (torn.length < bytes.length) expect(() => new Shard(torn, 'x.egs')).toThrow(/^x\.egs: expected .*, found /);
      },
    ),
    { numRuns: 40 },
  );
  expect(() => new Shard(new TextEncoder().encode('something else'), 'x.egs')).toThrow(
    'x.egs: expected a shard of examples, found another kind of file',
  );
});

testShared("Kaldi's compressed examples stay compressed, and mean the same", async () => {
  const kaldi = await collect(readTable(nnetExampleHolder, readFileSync(shared('golden', 'egs', 'case2.ark'))));
  const examples = kaldi.map(([key, eg]) => fromNnetExample(key, eg));
  const shard = new Shard(encodeShard(examples));
  for (const [i, one] of examples.entries()) {
    expect('compression' in shard.example(i).inputs[0]!.source).toBe(true);
    expect(mergeExamples([shard.example(i)], '')).toEqual(mergeExamples([one], ''));
  }
});

const corpus = Array.from({ length: 30 }, (_, u) => {
  const rows = 40 + 7 * u;
  return [`utt${u}`, { rows, cols: 2, data: Float32Array.from({ length: 2 * rows }, (_, i) => u * 1000 + i) }] as const;
});
const examples = (): Promise<Example[]> =>
  pipe(
    corpus,
    withTargets(new Map(corpus.map(([key, { rows }]) => [key, new Int32Array(rows).fill(1)]))),
    chunks({ sizes: 20, leftContext: 2 }),
    collect<Example>,
  );

test('shards are read in order, shuffled, and from any example on', async () => {
  const storage = memoryStorage();
  const all = await examples();
  const names = await writeShards('train', { storage, examplesPerShard: 32 })(all);
  expect(names).toEqual([...storage.files.keys()]);
  expect(names.length).toBe(Math.ceil(all.length / 32));
  const keys = async (options: { seed?: number; window?: number; from?: number }): Promise<string[]> =>
    (await collect(readShards(names, { storage, ...options }))).map((e) => e.key);
  expect(await keys({})).toEqual(all.map((e) => e.key));
  for (const window of [1, 2, names.length]) {
    const whole = await keys({ seed: 3, window });
    expect(whole).not.toEqual(all.map((e) => e.key));
    expect([...whole].sort()).toEqual(all.map((e) => e.key).sort());
    for (const from of [0, 1, 31, 32, 100, whole.length - 1, whole.length])
      expect(await keys({ seed: 3, window, from })).toEqual(whole.slice(from));
    expect(await keys({ seed: 4, window })).not.toEqual(whole);
  }
});

test('shards feed the merger as features do', async () => {
  const storage = memoryStorage();
  const all = await examples();
  const names = await writeShards('train', { storage, compression: 'none' })(all);
  const direct = await pipe(all, minibatches(16), collect<Minibatch>);
  expect(await pipe(readShards(names, { storage }), minibatches(16), collect<Minibatch>)).toEqual(direct);
});

test('features that are not finite cannot be compressed: the example is named', () => {
  const source = { rows: 2, cols: 1, data: Float32Array.of(1, Number.NaN) };
  const example: Example = {
    key: 'utt1-30',
    inputs: [{ name: 'input', first: 0, count: 2, stride: 1, source, start: 0 }],
    outputs: [],
  };
  expect(() => encodeShard([example])).toThrow(
    "example 'utt1-30', input 'input': compress: expected finite values, found NaN at element 1",
  );
});
