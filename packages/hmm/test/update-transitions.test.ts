import { readFileSync } from 'node:fs';
import {
  chainTopology,
  ContextTree,
  countTransitions,
  ctcTopology,
  hmmTopology,
  TransitionModel,
  updateTransitions,
} from '@jebena/hmm';
import { KaldiInput, readInt32Vectors } from '@jebena/io-ark';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const topology = hmmTopology({ nonsilencePhones: [2, 3], silencePhones: [1] });
const model = TransitionModel.create(ContextTree.monophone(topology), topology);

test('shares of what was seen, floored, states hardly seen left alone', () => {
  const [loop, next] = [1, 2].map((i) => model.tid(6, i - 1)) as [number, number];
  const updated = updateTransitions(
    model,
    countTransitions(model, [
      Int32Array.from([...Array.from({ length: 30 }, () => loop), ...Array.from({ length: 10 }, () => next)]),
    ]),
  );
  expect(Math.exp(updated.logProbs[loop]!)).toBeCloseTo(0.75, 5);
  expect(Math.exp(updated.logProbs[next]!)).toBeCloseTo(0.25, 5);
  expect(updated.logProbs[model.tid(7, 0)]).toBe(model.logProbs[model.tid(7, 0)]);
  const floored = updateTransitions(model, countTransitions(model, [new Int32Array(1000).fill(loop)]));
  expect(Math.exp(floored.logProbs[next]!)).toBeCloseTo(0.01, 3);
  expect(() => updateTransitions(model, [1, 2])).toThrow(/expected 31 counts, found 2/);
});

testShared("near Kaldi's own from the alignments of its training set", async () => {
  const kaldi = TransitionModel.read(new KaldiInput(readFileSync(shared('fsdd/kaldi/tri_ali_train/final.mdl'))));
  const alignments: Int32Array[] = [];
  for (const part of [1, 2])
    for await (const [, ali] of readInt32Vectors(readFileSync(shared(`fsdd/kaldi/tri_ali_train/ali.${part}.gz`))))
      alignments.push(ali);
  const counts = countTransitions(kaldi, alignments);
  const updated = updateTransitions(kaldi, counts);
  let worst = 0;
  for (let tid = 1; tid <= kaldi.numTransitionIds; tid++) {
    const seen = [...Array(kaldi.numTransitions(kaldi.tidToTransitionState[tid]!)).keys()]
      .map((i) => counts[kaldi.tid(kaldi.tidToTransitionState[tid]!, i)]!)
      .reduce((a, b) => a + b, 0);
    if (seen > 300)
      worst = Math.max(worst, Math.abs(Math.exp(updated.logProbs[tid]!) - Math.exp(kaldi.logProbs[tid]!)));
  }
  // Kaldi's model comes from one alignment earlier.
  expect(worst).toBeLessThan(0.1);
  expect(worst).toBeGreaterThan(0);
});

test('topologies', () => {
  expect(topology.minLength(1)).toBe(3);
  expect(
    hmmTopology({ nonsilencePhones: [2], silencePhones: [1], nonsilenceStates: 1, silenceStates: 1 }).minLength(1),
  ).toBe(1);
  expect(chainTopology([1, 2]).isHmm).toBe(false);
  expect(TransitionModel.create(ContextTree.monophone(chainTopology([1, 2])), chainTopology([1, 2])).numPdfs).toBe(4);
  expect(TransitionModel.create(ContextTree.monophone(ctcTopology([1, 2])), ctcTopology([1, 2])).numPdfs).toBe(2);
});
