import { createEngine, type Engine } from '@jebena/engine';
import { Network } from '@jebena/graph';
import type { Minibatch } from '@jebena/egs';
import { adam, constantRate, crossEntropy, DivergedError, train, type TrainEvent } from '@jebena/train';
import { collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { beforeAll, expect, test } from 'vitest';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-cpu' })));

const config = [
  'input-node name=input dim=2',
  'component name=a type=AffineComponent input-dim=2 output-dim=3',
  'component name=s type=LogSoftmaxComponent dim=3',
  'component-node name=a component=a input=input',
  'component-node name=s component=s input=a',
  'output-node name=output input=s',
].join('\n');

const minibatch = (value: number): Minibatch => {
  const io = { first: 0, count: 2, stride: 1 };
  const feats = { rows: 4, cols: 2, data: new Float32Array(8).fill(value) };
  return {
    key: 'merged-0-2',
    sequences: 2,
    inputs: [{ ...io, name: 'input', feats }],
    outputs: [{ ...io, name: 'output', targets: { kind: 'labels', dim: 3, labels: Int32Array.of(0, 1, 2, -1) } }],
  };
};
const options = { objective: crossEntropy(), schedule: constantRate(0.01), totalSteps: 10, reportEvery: 2 };

test('training that leaves the finite numbers ends with a DivergedError', async () => {
  const model = Network.fromConfig(config, { seed: 1 }).load(engine);
  const optimizer = adam()(model);
  const run = collect(train(model, { ...options, optimizer })([minibatch(1), minibatch(Number.NaN), minibatch(1)]));
  await expect(run).rejects.toThrow(DivergedError);
  optimizer.dispose();
  model.dispose();
});

test('train is a stage as all are, runs inside pipe and leaks nothing', async () => {
  const model = Network.fromConfig(config, { seed: 1 }).load(engine);
  const optimizer = adam()(model);
  const items = [minibatch(1), minibatch(0.5), minibatch(0.25)];
  const events = await pipe(items, train(model, { ...options, optimizer }), collect<TrainEvent>);
  expect(events.map((e) => e.type)).toEqual(['minibatches', 'minibatches', 'end']);
  // Three of the four frames of each minibatch have labels.
  expect(events.at(-1)!.outputs['output']!.weight).toBe(9);
  const still = { ...options, schedule: constantRate(0), optimizer };
  // Times differ from run to run: what is left of an event must not.
  const timeless = (signal?: AbortSignal) => (source: AsyncIterable<Minibatch> | Iterable<Minibatch>) =>
    (async function* () {
      for await (const { step, outputs } of train(model, { ...still, signal })(source)) yield { step, outputs };
    })();
  await testStage({ make: (o) => timeless(o?.signal), items, abortable: true, live: () => engine.liveTensors() });
  optimizer.dispose();
  model.dispose();
});
