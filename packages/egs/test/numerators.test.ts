import { denominatorFst, DenominatorGraph, evaluateChain, normalizationFst, PhoneLanguageModel } from '@jebena/chain';
import {
  chunks,
  EgsReport,
  endToEndNumerators,
  type Minibatch,
  minibatches,
  numerators,
  type PhoneLengths,
  type ChainTargets,
  Position,
  shuffle,
  wholeSequences,
  withTargets,
  withXentBranch,
} from '@jebena/egs';
import { chainTopology, ContextTree, TrainingGraphCompiler, TransitionModel } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import { collect, type Item } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { parseFst } from '@jebena/wfst';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';

const topology = chainTopology([1, 2, 3]);
const tree = ContextTree.biphone(topology);
const transitionModel = TransitionModel.create(tree, topology);
const said = [
  [1, 2, 1],
  [1, 3, 2, 1],
  [2, 3],
  [3, 1, 2],
];
const languageModel = new PhoneLanguageModel();
for (const phones of said) languageModel.add(phones);
const den = denominatorFst(tree, transitionModel, languageModel.estimate());
const normalization = normalizationFst(den);
const graph = new DenominatorGraph(den, tree.numPdfs);
const lengths = new Map<string, PhoneLengths>(
  Array.from({ length: 12 }, (_, u) => [
    `utt${u}`,
    said[u % 4]!.map((phone, i) => [phone, 9 + ((u + i) % 5)] as const),
  ]),
);
const framesOf = (phones: PhoneLengths): number => phones.reduce((sum, [, frames]) => sum + frames, 0);
const corpus: Item<Matrix>[] = Array.from(lengths, ([key, phones]) => {
  const rows = framesOf(phones);
  return [key, { rows, cols: 2, data: Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i)) }];
});
const options = { tree, transitionModel, normalization, frameSubsamplingFactor: 3 };
const cut = { frameSubsamplingFactor: 3, leftContext: 3, rightContext: 3 };

/** The objective of outputs that are all 0 is finite, and at most 0 where the numerator lies in the denominator. */
function expectWithin(batch: Minibatch): void {
  const { targets, count } = batch.outputs[0]!;
  if (targets.kind !== 'chain') throw new Error('expected supervision');
  const rows = batch.sequences * count;
  const output = { rows, cols: tree.numPdfs, data: new Float32Array(rows * tree.numPdfs) };
  const { objective, failed } = evaluateChain(graph, targets.supervision, output, { leakyHmmCoefficient: 0.1 });
  expect(failed).toBe(false);
  expect(objective).toBeLessThan(0);
}

test('numerators are made as utterances come', async () => {
  const batches = await pipe(
    corpus,
    withTargets(numerators(lengths, options), { frameSubsamplingFactor: 3 }),
    chunks({ ...cut, sizes: [18, 12], seed: 2 }),
    shuffle({ buffer: 6, seed: 1 }),
    minibatches('4'),
    withXentBranch(),
    collect<Minibatch>,
  );
  expect(batches.length).toBeGreaterThan(4);
  for (const batch of batches) {
    expect(batch.outputs.map((o) => o.name)).toEqual(['output', 'output-xent']);
    expect(batch.outputs[1]!.targets).toBe(batch.outputs[0]!.targets);
    expectWithin(batch);
  }
});

test('alignments want the model that they were made with', async () => {
  const loops = Array.from(transitionModel.tidIsSelfLoop.keys()).filter((tid) => tid > 0);
  const out = loops.find((tid) => transitionModel.tidIsFinal[tid] && transitionModel.tidToPhone[tid] === 1)!;
  const loop = transitionModel.selfLoop(transitionModel.tidToTransitionState[out]!);
  const alignments = new Map([['utt', Int32Array.from({ length: 12 }, (_, t) => (t === 0 ? out : loop))]]);
  const feats: Item<Matrix>[] = [['utt', { rows: 12, cols: 1, data: new Float32Array(12) }]];
  const one = await pipe(
    feats,
    withTargets(numerators(alignments, { ...options, normalization: undefined, alignmentModel: transitionModel }), {
      frameSubsamplingFactor: 3,
    }),
    chunks({ frameSubsamplingFactor: 3, sizes: 12 }),
    minibatches('1'),
    collect<Minibatch>,
  );
  expect(one[0]!.outputs[0]!.targets).toMatchObject({ kind: 'chain', supervision: { framesPerSequence: 4 } });
  const without = pipe(feats, withTargets(numerators(alignments, options), { frameSubsamplingFactor: 3 }), collect);
  await expect(without).rejects.toThrow('expected alignmentModel');
});

test('unconstrained chunks hold more, weights of derivatives are carried', async () => {
  const weights = new Map(
    Array.from(lengths, ([key, phones]) => [key, new Float32Array(Math.ceil(framesOf(phones) / 3)).fill(0.5)]),
  );
  const batches = await pipe(
    corpus,
    withTargets(numerators(lengths, { ...options, unconstrained: true, derivWeights: weights }), {
      frameSubsamplingFactor: 3,
    }),
    chunks({ ...cut, sizes: 18, seed: 2 }),
    minibatches('2'),
    collect<Minibatch>,
  );
  for (const batch of batches) {
    const { targets, weights: own } = batch.outputs[0]!;
    if (targets.kind !== 'chain') throw new Error('expected supervision');
    expect(targets.supervision.e2eFsts!.length).toBe(batch.sequences);
    expect(Math.max(...own!)).toBe(0.5);
    expectWithin(batch);
  }
});

test('end to end: transcripts alone', async () => {
  // Words 1 and 2: phones 1 2 and 3.
  const lexicon = { fst: parseFst('0 1 1 1\n1 0 2 0\n0 0 3 2\n0\n') };
  const compiler = new TrainingGraphCompiler({
    lexicon,
    tree,
    transitionModel,
    options: { transitionScale: 0, selfLoopScale: 0 },
  });
  const transcripts = new Map([
    ['a', [1, 1]],
    ['b', [2, 1]],
    ['short', [1, 1, 1, 1, 1, 1, 1]],
    ['unknown', [7]],
  ]);
  const feats: Item<Matrix>[] = ['a', 'b', 'short', 'unknown', 'missing'].map((key) => [
    key,
    { rows: 30, cols: 1, data: new Float32Array(30) },
  ]);
  const report = new EgsReport();
  const batches = await pipe(
    feats,
    withTargets(endToEndNumerators(transcripts, { compiler, transitionModel }), { frameSubsamplingFactor: 3, report }),
    chunks({ frameSubsamplingFactor: 3, sizes: -1, report }),
    minibatches('4'),
    collect<Minibatch>,
  );
  expect(batches.map((b) => b.sequences)).toEqual([2]);
  expect(batches[0]!.outputs[0]!.targets).toMatchObject({ supervision: { framesPerSequence: 10, numSequences: 2 } });
  // Padded, other lengths share a minibatch, each up to its own end.
  const [padded, ...none] = await pipe(
    feats.slice(0, 2).map(([key, m], i): Item<Matrix> => {
      const rows = m.rows + 6 * i;
      return [key, { rows, cols: 2, data: new Float32Array(2 * rows) }];
    }),
    withTargets(endToEndNumerators(transcripts, { compiler, transitionModel }), { frameSubsamplingFactor: 3 }),
    wholeSequences({ frameSubsamplingFactor: 3, framesPerBatch: 1000, bucketRatio: 2 }),
    withXentBranch(),
    collect<Minibatch>,
  );
  expect([padded!.sequences, none.length]).toEqual([2, 0]);
  const [{ targets, weights }] = padded!.outputs as unknown as [{ targets: ChainTargets; weights?: Float32Array }];
  expect(targets).toMatchObject({ supervision: { framesPerSequence: 12, numSequences: 2 } });
  expect([...targets.supervision.lengths!]).toEqual([10, 12]);
  // The mask of the frames behind the first one's end.
  expect([...weights!]).toEqual([...Array(20).fill(1), 0, 1, 0, 1]);
  expect(report.summary()).toEqual([
    'bad-supervision: 2 (first: short: end-to-end supervision: the utterance is too short for its transcript, which takes 14 output frames of 10)',
    'missing-targets: 1 (first: missing: there are no targets of this key)',
  ]);
});

test('a run in which too many utterances fail stops with the reason', async () => {
  const known = new Map([...lengths].slice(0, 10));
  const run = (mostFailed: number, items: Item<Matrix>[]): Promise<Minibatch[]> => {
    const report = new EgsReport({ mostFailed });
    return pipe(
      items,
      withTargets(numerators(known, options), { frameSubsamplingFactor: 3, report }),
      chunks({ ...cut, sizes: 18, report }),
      minibatches('4'),
      collect<Minibatch>,
    ).finally(() => report.check());
  };
  const missing = corpus.slice(10);
  const many = [...corpus, ...corpus, ...missing, ...missing];
  expect((await run(0.5, many)).length).toBeGreaterThan(3);
  // Few enough utterances are judged at the end alone.
  await expect(run(0.1, corpus)).rejects.toThrow(
    "missing-targets: 'utt10': 2 of 12 utterances failed, more than 10 %; the first: there are no targets of this key",
  );
});

test('graphs that wait are saved with the position', async () => {
  const batches = (position: Position): AsyncIterable<Minibatch> =>
    pipe(
      corpus.slice(position.taken),
      position.counted<Item<Matrix>>(),
      withTargets(numerators(lengths, options), { frameSubsamplingFactor: 3 }),
      chunks({ ...cut, sizes: 18, position }),
      shuffle({ buffer: 5, seed: 5, position }),
      minibatches({ rule: '3', position }),
    );
  const whole = await collect(batches(new Position()));
  const position = new Position();
  const got: Minibatch[] = [];
  for await (const batch of batches(position)) if (got.push(batch) === 2) break;
  got.push(...(await collect(batches(new Position(position.save())))));
  expect(got.length).toBe(whole.length);
  expect(got).toEqual(whole);
});

test('the branch stage keeps the contract', async () => {
  const minibatch = { key: 'm', sequences: 1, inputs: [], outputs: [] };
  await testStage<Minibatch, Minibatch>({
    make: (o) => withXentBranch(o),
    items: [minibatch, minibatch],
    abortable: true,
  });
});
