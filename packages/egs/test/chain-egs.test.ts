import {
  alignmentToProtoSupervision,
  phoneLatticeToProtoSupervision,
  protoToSupervision,
  type Supervision,
  SupervisionSplitter,
} from '@jebena/chain';
import { alignPhones } from '@jebena/decode';
import {
  Chunker,
  encodeShard,
  EgsReport,
  mergeExamples,
  nnetChainExampleHolder,
  Shard,
  toNnetChainExample,
  UtteranceSupervision,
  withTargets,
} from '@jebena/egs';
import { chainTopology, ContextTree, TransitionModel } from '@jebena/hmm';
import { KaldiInput, type Matrix, tableBytes } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import { collect, type Item } from '@jebena/stream';
import { CompactLatticeBuilder, compactLatticeHolder, equivalent, type Fst, parseFst, readFst } from '@jebena/wfst';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.ts';

const golden = (name: string): string => shared('golden/chain', name);
const input = (path: string): KaldiInput => new KaldiInput(readFileSync(path), { path });
const fst = (name: string): Fst => readFst(readFileSync(golden(name)));

testShared("chunks of numerator lattices hold what Kaldi's examples hold", async () => {
  const tree = ContextTree.read(input(golden('tree')));
  const model = TransitionModel.read(input(golden('0.trans_mdl')));
  const aligner = TransitionModel.read(input(shared('fsdd/kaldi/tri_ali_train/final.mdl')));
  const wanted = await collect(readTable(nnetChainExampleHolder, `ark:${golden('egs.ark')}`));
  const normalization = fst('normalization.fst');
  let compared = 0;
  for (const job of [1, 2]) {
    const lattices = `ark:gunzip -c ${shared('fsdd/kaldi/tri_lats_train', `lat.${job}.gz`)}|`;
    for await (const [key, lattice] of readTable(compactLatticeHolder, lattices, { allowPipes: true })) {
      const own = wanted.filter(([name]) => name.startsWith(`${key}-`));
      if (own.length === 0) continue;
      const { lattice: phones, problem } = alignPhones(lattice, aligner, { replaceLabels: true });
      expect(problem).toBe(undefined);
      const proto = phoneLatticeToProtoSupervision(phones, { frameSubsamplingFactor: 3 });
      const whole = new UtteranceSupervision(protoToSupervision(tree, model, proto), { normalization });
      for (const [name, { outputs }] of own) {
        const theirs = outputs[0]!.supervision;
        const start = Number(name.slice(key.length + 1)) / 3;
        const ours = whole.cut(start, theirs.framesPerSequence).supervision;
        expect([ours.labelDim, ours.weight]).toEqual([theirs.labelDim, theirs.weight]);
        expect(equivalent(ours.fst!, theirs.fst!, { delta: 0.01 })).toBe(true);
        compared++;
      }
    }
  }
  expect(compared).toBe(10);
});

const topology = chainTopology([1, 2, 3]);
const tree = ContextTree.biphone(topology);
const model = TransitionModel.create(tree, topology);
/** Twelve output frames of three phones, at a third of the rate of 36 frames. */
const said = protoToSupervision(
  tree,
  model,
  alignmentToProtoSupervision(
    [
      [1, 10],
      [2, 15],
      [3, 11],
    ],
    { frameSubsamplingFactor: 3 },
  ),
);
const feats = (rows: number): Matrix => ({ rows, cols: 2, data: Float32Array.from({ length: 2 * rows }, (_, i) => i) });
const join = (source: Supervision | UtteranceSupervision, rows: number, report?: EgsReport): Promise<any[]> =>
  collect(
    withTargets(
      { get: () => source },
      { frameSubsamplingFactor: 3, lengthTolerance: 1, report },
    )(
      (async function* (): AsyncGenerator<Item<Matrix>> {
        yield ['utt', feats(rows)];
      })(),
    ),
  );

test('examples of an utterance are cut, merged, stored and written', async () => {
  const derivWeights = Float32Array.from({ length: 12 }, (_, t) => t / 12);
  const [utterance] = await join(new UtteranceSupervision(said, { derivWeights }), 37);
  // The features end behind the supervision: what has none is not cut.
  expect(utterance.frames).toBe(36);
  const chunker = new Chunker({ sizes: 18, frameSubsamplingFactor: 3, leftContext: 4, rightContext: 2 });
  const examples = chunker.push(utterance);
  expect(examples.map((e) => e.key)).toEqual(['utt-0', 'utt-18']);
  const graphs = examples.map(({ outputs: [output] }) => {
    expect(output).toMatchObject({ name: 'output', first: 0, count: 6, stride: 3 });
    if (output!.targets.kind !== 'chain') throw new Error('expected supervision');
    return output!.targets.supervision;
  });
  expect(graphs.map((s) => s.framesPerSequence)).toEqual([6, 6]);
  expect(Array.from(examples[1]!.outputs[0]!.weights!)).toEqual(Array.from(derivWeights.subarray(6)));
  const merged = mergeExamples(examples, 'merged-0-2');
  expect(merged.outputs[0]!.targets).toMatchObject({ kind: 'chain', supervision: { numSequences: 2 } });
  // Time-major: the sequences' weights take turns.
  expect(Array.from(merged.outputs[0]!.weights!.subarray(0, 2))).toEqual([0, Math.fround(6 / 12)]);
  const shard = new Shard(encodeShard(examples, { compression: 'none' }));
  for (const [i, example] of examples.entries()) {
    const [a, b] = await Promise.all(
      [example, shard.example(i)].map((e) =>
        tableBytes(nnetChainExampleHolder, [[e.key, toNnetChainExample(e, { compress: false })] as const]),
      ),
    );
    expect(Buffer.compare(a!, b!)).toBe(0);
  }
});

test('a chunk may begin and end in the middle of a phone', () => {
  const splitter = new SupervisionSplitter(said);
  const whole = splitter.range(0, 12);
  expect(equivalent(whole.fst!, said.fst!)).toBe(true);
  const part = splitter.range(5, 1).fst!;
  // One frame: any of the pdfs that some path of the whole has there.
  const labels = new Set<number>();
  let layer = new Set([said.fst!.start]);
  for (let t = 0; t < 6; t++) {
    const next = new Set<number>();
    for (const s of layer)
      for (let a = said.fst!.firstArc[s]!; a < said.fst!.firstArc[s + 1]!; a++) {
        if (t === 5) labels.add(said.fst!.ilabel[a]!);
        next.add(said.fst!.nextState[a]!);
      }
    layer = next;
  }
  expect(new Set(part.ilabel)).toEqual(labels);
  expect(() => splitter.range(8, 5)).toThrow('found no frames 8 to 13');
});

test('what cannot be cut is counted and named', async () => {
  const report = new EgsReport();
  expect(await join(said, 60, report)).toEqual([]);
  expect(report.summary()[0]).toContain(
    'length-mismatch: 1 (first: utt: supervision of 12 output frames for 60 frames',
  );
  // A denominator that says nothing but one pdf.
  const [utterance] = await join(new UtteranceSupervision(said, { normalization: parseFst('0 0 1 1\n0\n') }), 36);
  expect(new Chunker({ sizes: 18, frameSubsamplingFactor: 3, report }).push(utterance)).toEqual([]);
  expect(report.count('bad-supervision')).toBe(2);
  expect(report.summary()[1]).toContain('utt-0: the denominator has none of the paths of output frames 0 to 5');
});

test('phones that do not fit are told', () => {
  const proto = alignmentToProtoSupervision(
    [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 1],
    ],
    { frameSubsamplingFactor: 3 },
  );
  expect(() => protoToSupervision(tree, model, proto)).toThrow('do not fit in 2 output frames');
  expect(() => alignmentToProtoSupervision([])).toThrow('expected phones, found none');
  expect(() => alignmentToProtoSupervision([[1, 0]])).toThrow('found 1 with 0');
  expect(() => protoToSupervision(tree, model, alignmentToProtoSupervision([[9, 5]]))).toThrow('no phone 9');
  expect(() =>
    alignmentToProtoSupervision([[1, 9]], { leftTolerance: 0, rightTolerance: 1, frameSubsamplingFactor: 3 }),
  ).toThrow('2 frames at least');
});

test('what a recogniser was not sure of keeps its graph costs, scaled', () => {
  // Phone 1, then 2 or 3, whose graph costs are 2 apart.
  const b = new CompactLatticeBuilder();
  b.ensureStates(4);
  b.setStart(0);
  const arc = (label: number, graphCost: number, nextState: number) => ({
    label,
    graphCost,
    acousticCost: 7,
    transitionIds: new Int32Array(9).fill(1),
    nextState,
  });
  b.addArc(0, arc(1, 4, 1));
  b.addArc(1, arc(2, 1, 2));
  b.addArc(1, arc(3, 3, 3));
  b.setFinal(2);
  b.setFinal(3, 1);
  const options = { frameSubsamplingFactor: 3, leftTolerance: 1, rightTolerance: 1 };
  const plain = phoneLatticeToProtoSupervision(b.build(), options);
  const weighed = phoneLatticeToProtoSupervision(b.build(), { ...options, lmScale: 0.5 });
  expect(plain.fst.weight.every((w) => w === 0)).toBe(true);
  // What all paths share is taken off; the rest stands as early as it can.
  expect(Array.from(weighed.fst.weight)).toEqual([0, 0, 1.5]);
  expect(Array.from(weighed.fst.final)).toEqual([Infinity, Infinity, 0, 0]);
  const { fst } = protoToSupervision(tree, model, weighed);
  expect(new Set(fst!.weight)).toEqual(new Set([0, 1.5]));
  expect(() => phoneLatticeToProtoSupervision(b.build(), { ...options, lmScale: 1 })).toThrow('lmScale');
});
