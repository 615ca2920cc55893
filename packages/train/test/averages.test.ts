import { createEngine, type Engine } from '@jebena/engine';
import type { Network, UpdatableComponent } from '@jebena/graph';
import {
  type addOutputs,
  averageNetworks,
  bestAverage,
  bestNetwork,
  constantRate,
  crossEntropy,
  evaluate,
  ExponentialAverage,
  sgd,
  train,
} from '@jebena/train';
import { beforeAll, expect, test } from 'vitest';
import { smallMinibatch, smallNetwork } from './small-network.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-cpu' })));

const weights = (network: Network): Float32Array =>
  (network.component('a') as UpdatableComponent).parameters()['linear']!.data as Float32Array;
const minibatches = Array.from({ length: 8 }, (_, i) => smallMinibatch(i));

/** The network after each of `epochs` passes. */
async function epochsOf(epochs: number, rate: number): Promise<Network[]> {
  const model = smallNetwork(1).load(engine);
  const optimizer = sgd()(model);
  const networks: Network[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const stage = train(model, {
      objective: crossEntropy(),
      optimizer,
      schedule: constantRate(rate),
      totalSteps: 100,
    });
    for await (const event of stage(minibatches)) void event;
    networks.push(await model.save());
  }
  optimizer.dispose();
  model.dispose();
  return networks;
}

test('the last of several networks are averaged', () => {
  const networks = [1, 2, 3].map(smallNetwork);
  const [, two, three] = networks.map(weights);
  weights(averageNetworks(networks, { last: 2 })).forEach((v, i) =>
    expect(v).toBeCloseTo((two![i]! + three![i]!) / 2, 6),
  );
  expect(() => averageNetworks(networks, { last: 4 })).toThrow('expected 1 to 3 networks, found 4');
});

test('an exponential average follows the parameters', async () => {
  const before = engine.liveTensors();
  const model = smallNetwork(1).load(engine);
  const average = new ExponentialAverage(model, 0.75);
  const start = weights(await model.save()).slice();
  const parameter = { component: { name: 'a' }, name: 'linear' };
  // Parameters of 1, then of 2: 0.75 (0.75 start + 0.25) + 0.5.
  for (const value of [1, 2]) {
    model.replace(parameter, engine.keep(engine.full(6, 3, value)));
    average.update();
  }
  weights(await average.save()).forEach((v, i) => expect(v).toBeCloseTo(0.5625 * start[i]! + 0.6875, 5));
  average.dispose();
  model.dispose();
  expect(engine.liveTensors()).toBe(before);
});

test('the best average is found on held-out minibatches, with statistics of its own', async () => {
  // A rate so high that single networks jump about the optimum.
  const networks = (await epochsOf(6, 3)).reverse();
  const before = engine.liveTensors();
  const objective = crossEntropy();
  const found = await bestAverage(
    networks.map((n) => () => Promise.resolve(n)),
    minibatches,
    { engine, objective },
  );
  // The same by hand.
  const measured = [];
  for (let n = 1; n <= networks.length; n++) {
    const model = averageNetworks(networks.slice(0, n)).load(engine);
    const { output } = await evaluate(model, minibatches, objective, { training: true });
    measured.push(output!.objective / output!.weight);
    model.dispose();
  }
  expect(found.initialObjective).toBeCloseTo(measured[0]!, 4);
  expect(found.objective).toBeCloseTo(Math.max(...measured), 4);
  expect(found.networks).toBe(measured.indexOf(Math.max(...measured)) + 1);
  // 8 minibatches of 16 rows, each counted once.
  expect(found.network.component('norm').statistics()!.counts).toEqual({ count: 128 });
  const few = await bestAverage(
    networks.map((n) => () => Promise.resolve(n)),
    minibatches,
    { engine, objective, maxObjectiveEvaluations: 2 },
  );
  expect([1, 3, 6]).toContain(few.networks);
  expect(engine.liveTensors()).toBe(before);
});

test('the best of several networks is picked by a held-out set', async () => {
  const before = engine.liveTensors();
  const held = [20, 21, 22].map((i) => smallMinibatch(i));
  // Learning goes on, and then a step too far is made.
  const networks = [...(await epochsOf(3, 0.3)), (await epochsOf(1, 60))[0]!];
  const objective = crossEntropy();
  const measured: { objective: number; correct: number }[] = [];
  for (const network of networks) {
    const model = network.load(engine);
    const { output } = await evaluate(model, held, objective);
    measured.push({ objective: output!.objective / output!.weight, correct: output!.correct! / output!.weight });
    model.dispose();
  }
  const readers = networks.map((network) => () => network);
  for (const [name, scoreOf] of [
    ['objective', undefined],
    ['correct', ({ output }: Parameters<typeof addOutputs>[0]) => output!.correct! / output!.weight],
  ] as const) {
    const wanted = measured.map((one) => one[name]);
    const { network, index, scores } = await bestNetwork(readers, held, {
      engine,
      objective,
      ...(scoreOf && { scoreOf }),
    });
    scores.forEach((score, i) => expect(score).toBeCloseTo(wanted[i]!, 6));
    expect(index).toBe(wanted.indexOf(Math.max(...wanted)));
    expect(network).toBe(networks[index]);
    expect(index).not.toBe(3);
  }
  await expect(bestNetwork([], held, { engine, objective })).rejects.toThrow(
    'bestNetwork: expected a network with a score, found no networks',
  );
  expect(engine.liveTensors()).toBe(before);
});
