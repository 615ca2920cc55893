import {
  chunks,
  EgsError,
  EgsReport,
  type Example,
  type Minibatch,
  minibatches,
  shuffle,
  type UtteranceExample,
  withTargets,
} from '@jebena/egs';
import type { Matrix } from '@jebena/io-ark';
import { collect, type Item } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';

/** Features whose value says where they come from: utterance * 1000 + frame. */
const feats = (utterance: number, rows: number): Item<Matrix> => [
  `utt${utterance}`,
  { rows, cols: 2, data: Float32Array.from({ length: 2 * rows }, (_, i) => utterance * 1000 + (i >> 1)) },
];
const lengths = [50, 31, 64, 12, 90];
const corpus = lengths.map((rows, u) => feats(u, rows));
const alignments = new Map(
  lengths.map((rows, u) => [`utt${u}`, Int32Array.from({ length: rows }, (_, t) => u * 1000 + t)] as const),
);
const cut = { sizes: [20, 10], leftContext: 3, rightContext: 2 };

test('features become minibatches in which every label stands beside its frame', async () => {
  const batches = await pipe(
    corpus,
    withTargets(alignments),
    chunks({ ...cut, seed: 1 }),
    shuffle({ buffer: 4, seed: 1 }),
    minibatches('4'),
    collect<Minibatch>,
  );
  expect(batches.reduce((sum, b) => sum + b.sequences, 0)).toBeGreaterThan(12);
  for (const { sequences, inputs, outputs } of batches) {
    const [input, output] = [inputs[0]!, outputs[0]!];
    expect(input.first).toBe(-3);
    expect(input.count).toBe(output.count + 5);
    if (output.targets.kind !== 'labels') throw new Error('labels expected');
    for (let t = 0; t < output.count; t++)
      for (let n = 0; n < sequences; n++)
        expect(input.feats.data[2 * ((t + 3) * sequences + n)]).toBe(output.targets.labels[t * sequences + n]);
  }
});

test('frames outside an utterance repeat its first and last frame', async () => {
  const [batch] = await pipe(
    [feats(1, 20)],
    withTargets(new Map([['utt1', new Int32Array(20)]])),
    chunks({ ...cut, sizes: 20 }),
    minibatches(1),
    collect<Minibatch>,
  );
  const t = Array.from({ length: 25 }, (_, i) => batch!.inputs[0]!.feats.data[2 * i]! - 1000);
  expect(t).toEqual([0, 0, 0, ...Array.from({ length: 20 }, (_, i) => i), 19, 19]);
});

test('with frame subsampling, labels are those of the frames of the outputs', async () => {
  for (const rate of [1, 3]) {
    const targets = new Map(
      lengths.map((rows, u) => {
        const count = Math.ceil(rows / rate);
        return [`utt${u}`, Int32Array.from({ length: count }, (_, i) => u * 1000 + i * rate)];
      }),
    );
    const examples = await pipe(
      corpus,
      withTargets(targets, { frameSubsamplingFactor: 3, lengthTolerance: 0 }),
      chunks({ ...cut, sizes: [20, 10], frameSubsamplingFactor: 3, frameShift: 1 }),
      collect<Example>,
    );
    expect(examples.length).toBeGreaterThan(8);
    for (const { key, inputs, outputs } of examples) {
      const [input, output] = [inputs[0]!, outputs[0]!];
      expect([12, 21]).toContain(output.count * 3);
      const first = Number(key.split('-')[1]);
      expect(first % 3).toBe(0);
      if (output.targets.kind !== 'labels') throw new Error('labels expected');
      const frames = Array.from(output.targets.labels, (label) => label % 1000);
      expect(frames).toEqual(frames.map((_, j) => first + 3 * j));
      expect(input.start).toBe(first - 3 - 1);
    }
  }
});

test('same seed, same examples; another seed, others', async () => {
  const run = (seed: number): Promise<string[]> =>
    pipe(corpus, withTargets(alignments), chunks({ ...cut, seed }), shuffle({ buffer: 8, seed }), async (source) =>
      (await collect(source)).map((e) => e.key),
    );
  expect(await run(1)).toEqual(await run(1));
  expect(await run(1)).not.toEqual(await run(2));
});

test('what is left out is counted, or an error', async () => {
  const broken = new Map(alignments);
  broken.delete('utt0');
  broken.set('utt1', new Int32Array(40));
  broken.set('utt2', new Int32Array(64).fill(9));
  const report = new EgsReport();
  const examples = await pipe(
    [...corpus, feats(7, 9)],
    withTargets(broken.set('utt7', new Int32Array(9)), { report, dim: 5000 }),
    chunks({ ...cut, report }),
    collect<Example>,
  );
  expect(new Set(examples.map((e) => e.key.split('-')[0]))).toEqual(new Set(['utt2', 'utt3', 'utt4']));
  expect(report.summary()).toEqual([
    'missing-targets: 1 (first: utt0: there are no targets of this key)',
    'length-mismatch: 1 (first: utt1: 40 targets for 31 frames)',
    'too-short: 1 (first: utt7: 9 frames, chunks have at least 10)',
  ]);
  await expect(pipe(corpus, withTargets(broken), collect)).rejects.toThrow(EgsError);
  await expect(pipe(corpus, withTargets(alignments, { dim: 3 }), collect)).rejects.toThrow("bad-label: 'utt0'");
  await expect(pipe([feats(7, 9)], withTargets([['utt7', new Int32Array(9)]]), chunks(cut), collect)).rejects.toThrow(
    "too-short: 'utt7'",
  );
});

test('i-vectors come from a frame of the chunk', async () => {
  const ivectors: Matrix = { rows: 9, cols: 1, data: Float32Array.from({ length: 9 }, (_, i) => i) };
  const examples = await pipe(
    [feats(4, 90)],
    withTargets(alignments, { ivectors: new Map([['utt4', ivectors]]) }),
    chunks({ ...cut, overlap: 5 }),
    collect<Example>,
  );
  for (const { key, inputs } of examples) {
    const first = Number(key.split('-')[1]);
    expect(inputs[1]).toMatchObject({ name: 'ivector', count: 1, first: 0 });
    expect(inputs[1]!.start).toBeGreaterThanOrEqual(Math.floor(first / 10));
    expect(inputs[1]!.start).toBeLessThanOrEqual(Math.floor((first + 19) / 10));
  }
});

test('the stages keep the contract', async () => {
  const utterances = await collect(withTargets(alignments)(corpus));
  const examples = await collect(chunks(cut)(utterances));
  await testStage<Item<Matrix>, UtteranceExample>({
    make: (o) => withTargets(alignments, { ...o }),
    items: corpus,
    abortable: true,
  });
  await testStage<UtteranceExample, Example>({
    make: (o) => chunks({ ...cut, ...o }),
    items: utterances,
    abortable: true,
  });
  await testStage<Example, Example>({ make: (o) => shuffle({ buffer: 3, ...o }), items: examples, abortable: true });
  await testStage<Example, Minibatch>({
    make: (o) => minibatches({ rule: 2, ...o }),
    items: examples,
    abortable: true,
  });
});
