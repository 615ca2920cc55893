import { buildTree, ContextTree, hmmTopology, phoneQuestions, TransitionModel, TreeStats } from '@jebena/hmm';
import { KaldiInput, KaldiOutput, matrix, readInt32Vectors } from '@jebena/io-ark';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const topology = hmmTopology({
  nonsilencePhones: [2, 3, 4],
  silencePhones: [1],
  nonsilenceStates: 2,
  silenceStates: 1,
});
const model = TransitionModel.create(ContextTree.monophone(topology), topology);
const roots =
  topology.phones.length === 4 ? [1, 2, 3, 4].map((phone) => ({ phones: [phone], split: phone !== 1 })) : [];

/** Phones 2 and 3 sound alike to their neighbours; what a frame holds hangs on state, phone, and the left phone's kind. */
function statistics(): TreeStats {
  const stats = new TreeStats({ contextIndependent: [1] });
  let seed = 1;
  const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
  for (let u = 0; u < 60; u++) {
    const alignment: number[] = [];
    const values: number[] = [];
    let left = 1;
    for (const phone of [1, ...Array.from({ length: 8 }, () => 2 + Math.floor(random() * 3)), 1]) {
      for (let state = 0; state < (phone === 1 ? 1 : 2); state++) {
        const at = model.tuples.findIndex((t) => t.phone === phone && t.hmmState === state) + 1;
        const [loop, next] = [
          model.selfLoop(at),
          [0, 1].map((i) => model.tid(at, i)).find((tid) => !model.tidIsSelfLoop[tid])!,
        ];
        for (const tid of [next, loop, loop]) {
          alignment.push(tid);
          const kind = phone !== 1 && state === 0 && (left === 2 || left === 3) ? 5 : 0;
          values.push(10 * phone + kind + random(), 3 * state + random());
        }
      }
      left = phone;
    }
    stats.add(model, alignment, matrix(alignment.length, 2, Float32Array.from(values)));
  }
  return stats;
}

test('splits on what matters, and on nothing else', () => {
  const stats = statistics();
  const tree = buildTree(stats, topology, {
    roots,
    questions: [[2], [3], [4], [2, 3], [1, 4, 0]],
    maxLeaves: 100,
    threshold: 30,
  });
  // Silence one leaf; each other phone: its first state by the left phone's kind, its second.
  expect(tree.numPdfs).toBe(1 + 3 * 3);
  expect(tree.pdf([2, 4, 1], 0)).toBe(tree.pdf([3, 4, 2], 0));
  expect(tree.pdf([2, 4, 1], 0)).not.toBe(tree.pdf([4, 4, 1], 0));
  expect(tree.pdf([2, 4, 1], 1)).toBe(tree.pdf([4, 4, 1], 1));
  expect(TransitionModel.create(tree, topology).numPdfs).toBe(10);
  const small = buildTree(stats, topology, { roots, questions: [[2, 3]], maxLeaves: 6, threshold: 0 });
  expect(small.numPdfs).toBe(6);
  expect(() => buildTree(stats, topology, { roots: roots.slice(1), questions: [], maxLeaves: 9 })).toThrow(
    'no root holds phone 1',
  );
});

test('statistics go through a file, and phones that are alike are asked about together', () => {
  const stats = statistics();
  for (const binary of [true, false]) {
    const output = new KaldiOutput({ binary });
    stats.write(output);
    const again = TreeStats.read(new KaldiInput(output.bytes()));
    expect(again.entries.length).toBe(stats.entries.length);
    expect(again.entries[3]!.event).toEqual(stats.entries[3]!.event);
    expect(again.entries[3]!.sum[0]).toBeCloseTo(stats.entries[3]!.sum[0]!, 2);
  }
  const questions = phoneQuestions(stats, [[1], [2], [3], [4]]);
  expect(questions.length).toBe(4 + 2);
});

testShared("from Kaldi's alignments a tree of Kaldi's kind", async () => {
  const kaldi = TransitionModel.read(new KaldiInput(readFileSync(shared('fsdd/kaldi/tri_ali_train/final.mdl'))));
  const stats = new TreeStats({ contextIndependent: [1] });
  let utterances = 0;
  for await (const [, ali] of readInt32Vectors(readFileSync(shared('fsdd/kaldi/tri_ali_train/ali.1.gz')))) {
    // Pdfs stand in for features here: what Kaldi's own tree told apart is there to be found again.
    const feats = Float32Array.from([...ali].flatMap((tid) => [kaldi.tidToPdf[tid]! % 11, kaldi.tidToPdf[tid]! / 10]));
    stats.add(kaldi, ali, matrix(ali.length, 2, feats));
    if (++utterances === 150) break;
  }
  const tree = buildTree(stats, kaldi.topology, {
    roots: Array.from(kaldi.phones, (phone) => ({ phones: [phone] })),
    questions: phoneQuestions(
      stats,
      Array.from(kaldi.phones, (phone) => [phone]),
    ),
    maxLeaves: 100,
    threshold: 10,
  });
  expect(tree.numPdfs).toBeGreaterThan(60);
  const made = TransitionModel.create(tree, kaldi.topology);
  expect(made.numPdfs).toBe(tree.numPdfs);
});
