import { createEngine, type Engine } from '@jebena/engine';
import { setBatchNormTestMode } from '@jebena/graph';
import { collect } from '@jebena/stream';
import {
  adam,
  constantRate,
  crossEntropy,
  DivergedError,
  kaldiSgd,
  type OptimizerFactory,
  sgd,
  train,
  type TrainOptions,
} from '@jebena/train';
import { beforeAll, expect, test } from 'vitest';
import { smallMinibatch, smallNetwork } from './small-network.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-cpu' })));

/** Parameters after some minibatches. */
async function after(factory: OptimizerFactory, options: Partial<TrainOptions>, count: number): Promise<number[]> {
  const before = engine.liveTensors();
  // Without batch norm's means over rows, two halves of a minibatch are the whole of it.
  const row = (value: number) => ({ rows: 1, cols: 6, data: new Float32Array(6).fill(value) });
  const model = setBatchNormTestMode(smallNetwork(1), true)
    .withComponents((c) =>
      c.type === 'BatchNormComponent'
        ? c.withStatistics({ sums: { sum: row(0), squares: row(1) }, counts: { count: 1 } })
        : c,
    )
    .load(engine);
  const optimizer = factory(model);
  const stage = train(model, {
    objective: crossEntropy(),
    optimizer,
    schedule: constantRate(0.1),
    totalSteps: 10,
    storeStatistics: false,
    batchNormStatsScale: 1,
    ...options,
  });
  const rows = 16 / count;
  const whole = smallMinibatch(0);
  const part = (i: number): typeof whole => ({
    ...whole,
    key: `part-${i}`,
    sequences: rows,
    inputs: [
      {
        ...whole.inputs[0]!,
        feats: {
          rows,
          cols: 3,
          data: (whole.inputs[0]!.feats.data as Float32Array).slice(i * rows * 3, (i + 1) * rows * 3),
        },
      },
    ],
    outputs: [
      {
        ...whole.outputs[0]!,
        targets: {
          kind: 'labels',
          dim: 4,
          labels: (whole.outputs[0]!.targets as { labels: Int32Array }).labels.slice(i * rows, (i + 1) * rows),
        },
      },
    ],
  });
  await collect(stage(Array.from({ length: count }, (_, i) => part(i))));
  const values: number[] = [];
  for (const { tensor } of model.parameters()) values.push(...(await engine.read(tensor)));
  optimizer.dispose();
  model.dispose();
  expect(engine.liveTensors()).toBe(before);
  return values;
}

test.each([2, 4, 3])('gradients of several minibatches make one change (accumulate %i)', async (accumulate) => {
  // With 3 the last group has but one of 4 parts: two changes, the second at the end of the source.
  const whole = await after(sgd(), {}, 1);
  const parts = await after(sgd(), { accumulate }, accumulate === 3 ? 4 : accumulate);
  const same = parts.every((v, i) => Math.abs(v - whole[i]!) < 1e-6);
  expect(same).toBe(accumulate !== 3);
  await expect(after(kaldiSgd(), { accumulate }, 1)).rejects.toThrow('expected accumulate 1 with kaldi-sgd');
});

test('labels are smoothed as PyTorch smooths them, and masked frames do not count', async () => {
  // cross_entropy(x, [1, 0, ignored], label_smoothing=0.1, reduction='sum') and its gradient.
  const x = Float32Array.of(1, 2, -1, 0.5, 0, 0.25, 3, 1, 1);
  const target = {
    name: 'output',
    first: 0,
    count: 3,
    stride: 1,
    targets: { kind: 'labels' as const, dim: 3, labels: Int32Array.of(1, 0, 2) },
    weights: Float32Array.of(1, 1, 0),
  };
  const y = engine.logSoftmax(engine.tensor(3, 3, x));
  const { objective, derivative, weight } = crossEntropy({ labelSmoothing: 0.1 }).evaluate(engine, y, target, 1);
  expect(weight).toBe(2);
  expect(-(await engine.read(objective))[0]!).toBeCloseTo(1.3766834735870361, 5);
  const gradient = await engine.read(engine.logSoftmaxGrad(y, derivative));
  [
    0.22616314888000488, -0.22794878482818604, 0.0017856955528259277, -0.5141043663024902, 0.22094190120697021,
    0.2931625247001648, 0.0, 0.0, 0.0,
  ].forEach((g, i) => expect(-gradient[i]!).toBeCloseTo(g, 5));
  expect(() => crossEntropy({ labelSmoothing: 1 })).toThrow('found 1');
});

test.each<[string, OptimizerFactory]>([
  ['sgd', sgd()],
  ['adam', adam()],
  ['kaldiSgd', kaldiSgd()],
])('%s: what is not finite stops training, and says where', async (name, factory) => {
  const before = engine.liveTensors();
  const model = smallNetwork(1).load(engine);
  const optimizer = factory(model);
  const bad = smallMinibatch(1);
  bad.inputs[0]!.feats.data[4] = Number.NaN;
  const stage = train(model, { objective: crossEntropy(), optimizer, schedule: constantRate(0.1), totalSteps: 4 });
  const run = collect(stage([smallMinibatch(0), bad, smallMinibatch(2)]));
  await expect(run).rejects.toThrow(DivergedError);
  await expect(run).rejects.toThrow(/minibatch 'merged-1-16'.*component '[ab]'/);
  // Kaldi's optimizer reads the size of each change before it makes it.
  const finite = (await engine.read(model.parameter('a', 'linear'))).every(Number.isFinite);
  expect(finite).toBe(name === 'kaldiSgd');
  optimizer.dispose();
  model.dispose();
  expect(engine.liveTensors()).toBe(before);
});
