import { createEngine } from '@jebena/engine';
import { networkToSvg } from '@jebena/graph';
import { expect, test } from 'vitest';
import { randomSample } from '../generator.js';
import { linearRegression } from '../regression.js';

test("the generator is numpy's RandomState(1234)", () => {
  const draw = randomSample(1234);
  // numpy.random.RandomState(1234).random_sample(3)
  expect([draw(), draw(), draw()]).toEqual([0.1915194503788923, 0.6221087710398319, 0.4377277390071145]);
});

test("training ends where Kaldi's does, and finds the line", async () => {
  const { passes, predictions, network } = await linearRegression(await createEngine({ engine: 'tfjs-cpu' }), 4);
  const [first] = passes;
  // What nnet3-train printed and wrote after one pass.
  expect(first!.objective).toBeCloseTo(-0.0249837, 6);
  expect(first!.frames).toBe(100);
  expect(first!.weights[0]).toBeCloseTo(0.2909224, 5);
  expect(first!.weights[1]).toBeCloseTo(0.1076631, 5);
  expect(first!.bias).toBeCloseTo(0.1960226, 5);
  const last = passes.at(-1)!;
  for (const [got, wanted] of [
    [last.weights[0], 0.3],
    [last.weights[1], 0.1],
    [last.bias, 0.2],
  ] as const)
    expect(got).toBeCloseTo(wanted, 5);
  expect(predictions[0]!.pair.map((x) => x.toFixed(8))).toEqual(['0.97903882', '0.88123225']);
  expect(predictions[0]!.y).toBeCloseTo(0.3 * 0.97903882 + 0.1 * 0.88123225 + 0.2, 5);
  expect(await networkToSvg(network)).toContain('<svg');
});
