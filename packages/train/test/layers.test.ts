import { createEngine } from '@jebena/engine';
import { editNetwork, freezeLayers, Network, setLayers, UpdatableComponent } from '@jebena/graph';
import { collect } from '@jebena/stream';
import {
  adam,
  byLayer,
  constantRate,
  crossEntropy,
  kaldiSgd,
  type OptimizerFactory,
  parseDropoutSchedule,
  presoftmaxPriorScale,
  sgd,
  train,
} from '@jebena/train';
import { expect, test } from 'vitest';
import { smallMinibatch, smallNetwork } from './small-network.js';

const engine = await createEngine({ engine: 'tfjs-cpu' });
const parameters = (network: Network, name: string) => (network.component(name) as UpdatableComponent).parameters();
const minibatches = [0, 1, 2].map((i) => smallMinibatch(i));

async function trained(network: Network, factory: OptimizerFactory): Promise<Network> {
  const live = engine.liveTensors();
  const model = network.load(engine);
  const optimizer = factory(model);
  const options = { objective: crossEntropy(), optimizer, schedule: constantRate(0.1), totalSteps: 3 };
  await collect(train(model, options)(minibatches));
  const result = await model.save();
  const state = await optimizer.state();
  optimizer.restore(state);
  expect(await optimizer.state()).toEqual(state);
  optimizer.dispose();
  model.dispose();
  expect(engine.liveTensors()).toBe(live);
  return result;
}

const optimizers: Record<string, OptimizerFactory> = {
  sgd: sgd({ weightDecay: 0.1 }),
  adam: adam({ weightDecay: 0.1 }),
  kaldi: kaldiSgd({ momentum: 0.5 }),
  backstitch: kaldiSgd({ backstitchScale: 0.3 }),
};

test.each(Object.keys(optimizers))(
  '%s leaves frozen layers as they are, bit for bit, and moves the rest',
  async (name) => {
    const start = setLayers(freezeLayers(smallNetwork(1), 'a'), { '*': { l2Regularize: 0.1 } });
    const end = await trained(start, optimizers[name]!);
    expect(parameters(end, 'a')).toEqual(parameters(start, 'a'));
    expect(parameters(end, 'b')).not.toEqual(parameters(start, 'b'));
  },
);

test('a layer that is frozen has no part in the norm that gradients are clipped by', async () => {
  const factory = sgd({ clipNorm: 1e-3 });
  const moved = async (network: Network): Promise<number> => {
    const [from, to] = [network, await trained(network, factory)].map((n) => parameters(n, 'b')['linear']!.data);
    return Math.hypot(...to!.map((v, i) => v - from![i]!));
  };
  expect(await moved(freezeLayers(smallNetwork(1), 'a'))).toBeGreaterThan(1.01 * (await moved(smallNetwork(1))));
});

test('a group of components moves by its own optimizer as it would alone', async () => {
  const start = smallNetwork(1);
  const mixed = await trained(
    start,
    byLayer([
      ['a', null],
      ['*', adam()],
    ]),
  );
  expect(parameters(mixed, 'a')).toEqual(parameters(start, 'a'));
  expect(parameters(mixed, 'b')).toEqual(parameters(await trained(freezeLayers(start, 'a'), adam()), 'b'));
  const both = await trained(
    start,
    byLayer([
      ['b', adam()],
      ['*', sgd()],
    ]),
  );
  expect(parameters(both, 'a')).not.toEqual(parameters(start, 'a'));
  const model = start.load(engine);
  expect(() => byLayer([['c*', adam()]])(model)).toThrow("expected a component left for 'c*'");
  expect(() => byLayer([['*', kaldiSgd()]])(model)).toThrow('one pass');
  model.dispose();
});

test('settings by pattern are those that edits set; the later pattern wins; what fits nothing is told', () => {
  const start = smallNetwork(1);
  const set = setLayers(start, { '*': { learningRateFactor: 0.5, maxChange: 0.75 }, b: { learningRateFactor: 0.25 } });
  expect(['a', 'b'].map((c) => (set.component(c) as UpdatableComponent).learningRateFactor)).toEqual([0.5, 0.25]);
  expect((set.component('b') as UpdatableComponent).maxChange).toBe(0.75);
  const edits = 'set-learning-rate-factor learning-rate-factor=0.5\nset-learning-rate name=a learning-rate=0.1';
  expect(setLayers(start, { '*': { learningRateFactor: 0.5 }, a: { learningRate: 0.05 } }).toBytes()).toEqual(
    editNetwork(start, edits).toBytes(),
  );
  expect(() => setLayers(start, { tdnn: { maxChange: 1 } })).toThrow(
    "expected a component with maxChange, found none called 'tdnn'",
  );
  expect(() => setLayers(start, { a: { l2Regularize: -1 } })).toThrow(
    'a: expected l2Regularize in [0, Infinity], found -1',
  );
});

test('dropout follows its schedule while a model is trained', async () => {
  const config = `input-node name=input dim=3
component name=drop type=DropoutComponent dim=3 dropout-proportion=0.1
component-node name=drop component=drop input=input
component name=a type=AffineComponent input-dim=3 output-dim=4
component-node name=a component=a input=drop
output-node name=output input=a`;
  const model = Network.fromConfig(config, { seed: 1 }).load(engine);
  const optimizer = sgd()(model);
  const dropout = parseDropoutSchedule('drop=0,0.5@0.5,0');
  const options = { objective: crossEntropy(), optimizer, schedule: constantRate(0.1), totalSteps: 4, dropout };
  await collect(train(model, options)(minibatches));
  // The third step of four stands at half of the run.
  expect((await model.save()).component('drop')).toMatchObject({ dropoutProportion: 0.5 });
  expect(() => model.setDropout(() => 2)).toThrow('expected a dropout proportion in [0, 1], found 2');
  optimizer.dispose();
  model.dispose();
});

test('scales before a softmax lift rare classes and have a mean of 1', () => {
  // By Python: (count + 0.01 mean)^-0.25, divided by its mean.
  const scales = presoftmaxPriorScale([100, 10, 0, 50]);
  [0.50434772, 0.88900694, 2.00746735, 0.59917799].forEach((v, i) => expect(scales[i]).toBeCloseTo(v, 5));
  expect(() => presoftmaxPriorScale([0, 0])).toThrow(RangeError);
});

test('trainers that take turns in one process end where each ends alone', async () => {
  const alone: Network[] = [];
  for (const name of ['adam', 'kaldi']) alone.push(await trained(smallNetwork(1), optimizers[name]!));
  const together = await Promise.all(['adam', 'kaldi'].map((name) => trainedQuietly(optimizers[name]!)));
  together.forEach((network, i) => expect(network.toBytes()).toEqual(alone[i]!.toBytes()));

  async function trainedQuietly(factory: OptimizerFactory): Promise<Network> {
    const model = smallNetwork(1).load(engine);
    const optimizer = factory(model);
    const options = {
      objective: crossEntropy(),
      optimizer,
      schedule: constantRate(0.1),
      totalSteps: 3,
      reportEvery: 1,
    };
    for await (const _ of train(model, options)(minibatches)) await new Promise((done) => setTimeout(done, 1));
    const result = await model.save();
    optimizer.dispose();
    model.dispose();
    return result;
  }
});
