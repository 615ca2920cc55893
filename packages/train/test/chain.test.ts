import { readFileSync } from 'node:fs';
import { DenominatorGraph } from '@jebena/chain';
import { chainMinibatch, type Minibatch, nnetChainExampleHolder } from '@jebena/egs';
import { createEngine, type Engine } from '@jebena/engine';
import { Network, UpdatableComponent } from '@jebena/graph';
import { KaldiInput } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import { chainObjective, crossEntropy, evaluate, kaldiSgd, Trainer } from '@jebena/train';
import { readFst } from '@jebena/wfst';
import { beforeAll, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));

const golden = (name: string): string => shared('golden/chain', name);
const network = (name: string): Network =>
  Network.read(new KaldiInput(readFileSync(golden(name)), { path: golden(name) }));
const minibatches = async (xent: boolean): Promise<Minibatch[]> => {
  const all: Minibatch[] = [];
  for await (const [key, example] of readTable(nnetChainExampleHolder, `ark:${golden('merged.ark')}`))
    all.push(chainMinibatch(key, example, { xent, derivWeights: false }));
  return all;
};
const denominator = (of: Minibatch): DenominatorGraph =>
  new DenominatorGraph(readFst(readFileSync(golden('den.fst'))), of.outputs[0]!.targets.dim);

testShared('objectives are those of nnet3-chain-compute-prob', async () => {
  const model = network('model.raw').load(engine);
  const withXent = await minibatches(true);
  const settings = { denominator: denominator(withXent[0]!) };
  const first = await evaluate(
    model,
    withXent,
    chainObjective({ ...settings, leakyHmmCoefficient: 0.1, xentRegularize: 0.1 }),
  );
  const log = readFileSync(golden('prob.txt'), 'utf8');
  for (const name of ['output', 'output-xent']) {
    const [, value, weight] = new RegExp(`'${name}' is (\\S+) per frame, over (\\S+) frames`).exec(log)!;
    expect(Math.abs(first[name]!.objective / first[name]!.weight - Number(value))).toBeLessThan(1e-4);
    expect(first[name]!.weight).toBe(Number(weight));
  }
  const second = await evaluate(
    model,
    await minibatches(false),
    chainObjective({ ...settings, leakyHmmCoefficient: 1e-5, l2Regularize: 0.0005 }),
  );
  const [, objective, l2] = /is (\S+) \+ (\S+) =/.exec(readFileSync(golden('prob2.txt'), 'utf8'))!;
  const { output } = second;
  expect(Math.abs(output!.objective / output!.weight - Number(objective))).toBeLessThan(1e-4);
  expect(Math.abs(output!.auxiliary! / output!.weight - Number(l2))).toBeLessThan(1e-4);
  model.dispose();
});

testShared('one pass moves the parameters as nnet3-chain-train does', async () => {
  const start = network('free.raw');
  const theirs = network('trained.raw');
  const all = await minibatches(true);
  const model = start.withoutStatistics().load(engine);
  const optimizer = kaldiSgd({ maxParamChange: 2, l2RegularizeFactor: 0.5 })(model);
  const objective = chainObjective({
    denominator: denominator(all[0]!),
    leakyHmmCoefficient: 0.1,
    xentRegularize: 0.1,
  });
  const trainer = new Trainer(model, optimizer, () => objective, 1);
  for (const minibatch of all) await trainer.step(minibatch, Number.NaN);
  const { outputs } = await trainer.collect();
  const log = readFileSync(golden('train.log'), 'utf8');
  for (const name of ['output', 'output-xent']) {
    const [, value] = new RegExp(`'${name}' is (\\S+) over`).exec(log)!;
    expect(outputs[name]!.objective / outputs[name]!.weight).toBeCloseTo(Number(value), 3);
  }
  const ours = await model.save();
  for (const [name, component] of start.components) {
    if (!(component instanceof UpdatableComponent) || !component.updatable) continue;
    const [s, a, b] = [component, ours.component(name), theirs.component(name)].map((c) =>
      (c as UpdatableComponent).parameters(),
    );
    let moved = 0;
    let apart = 0;
    for (const [parameter, { data }] of Object.entries(s!))
      data.forEach((v, i) => {
        moved += (b![parameter]!.data[i]! - v) ** 2;
        apart += (b![parameter]!.data[i]! - a![parameter]!.data[i]!) ** 2;
      });
    expect({ name, within: Math.sqrt(apart / moved) < 0.02 }).toEqual({ name, within: true });
  }
  optimizer.dispose();
  model.dispose();
});

test('targets of the wrong kind are refused', () => {
  const objective = chainObjective({ denominator: undefined as never });
  const labels = { kind: 'labels', dim: 2, labels: Int32Array.of(1) } as const;
  const output = { name: 'output', first: 0, count: 1, stride: 1 };
  const given = engine.zeros(1, 2);
  expect(() => objective.evaluate(engine, given, { ...output, targets: labels }, 1)).toThrow('found labels');
  const chain = { kind: 'chain', dim: 2, supervision: undefined as never } as const;
  expect(() => crossEntropy().evaluate(engine, given, { ...output, targets: chain }, 1)).toThrow(
    'found chain supervision',
  );
  const early = { ...output, name: 'output-xent', targets: chain };
  expect(() => objective.evaluate(engine, given, early, 1)).toThrow('after the output');
  engine.dispose(given);
});
