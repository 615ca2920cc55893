import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Minibatch, mergeableNnetExamples, Merger, nnetExampleHolder, toMinibatch } from '@jebena/egs';
import { createEngine, type Engine } from '@jebena/engine';
import { Network, UpdatableComponent } from '@jebena/graph';
import { KaldiInput } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import { crossEntropy, kaldiSgd, type KaldiSgdSettings, quadratic, Trainer } from '@jebena/train';
import { beforeAll, describe, expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-cpu' })));

const passes: Record<string, KaldiSgdSettings> = {
  sgd: {},
  momentum: { momentum: 0.5 },
  l2: { l2RegularizeFactor: 0.5 },
  maxchange: { maxParamChange: 0.05 },
  nostats: {},
  backstitch: { backstitchScale: 0.3, backstitchInterval: 1 },
};

/** By how much of its own way a component's parameters may end up elsewhere than Kaldi's. */
const within = 0.01;
const widerWithin: Record<string, number> = {
  // Kaldi itself varies by 2.3 %.
  attention: 0.05,
  // The first estimates of natural gradient are of fewer rows than their rank: Kaldi fills the rest with rounding noise.
  cnn: 0.06,
  resnet: 0.09,
  'cnn backstitch': 0.25,
  'resnet backstitch': 0.35,
  // At the last step one rectified unit is on here and off there.
  'tdnnf momentum': 0.06,
};
/** Kaldi draws the steps at which it applies orthonormal constraints: the turn that agrees with its draws. */
const turns: Record<string, number> = { lstmb: 3, 'lstmb backstitch': 2 };

const folder = shared('golden/nnet3');
const cases = existsSync(folder) ? readdirSync(folder) : ['(no cases)'];

async function minibatchesOf(name: string): Promise<Minibatch[]> {
  const merger = new Merger(mergeableNnetExamples(), { rule: 6 });
  const merged = [];
  for await (const item of readTable(nnetExampleHolder, `ark:${folder}/${name}/egs.ark`))
    merged.push(...merger.push(item));
  merged.push(...merger.flush());
  return merged.map(([key, example]) => toMinibatch(key, example));
}

/** Trains one pass as `nnet3-train` does and returns the network and the objective per frame. */
async function onePass(
  start: Network,
  minibatches: readonly Minibatch[],
  settings: KaldiSgdSettings,
): Promise<{ network: Network; objectives: Record<string, number> }> {
  const model = start.withoutStatistics().load(engine);
  const optimizer = kaldiSgd(settings)(model);
  const kinds = new Map(start.outputs.map((o) => [o.name, o.objective === 'quadratic' ? quadratic() : crossEntropy()]));
  const trainer = new Trainer(model, optimizer, (output) => kinds.get(output)!, 1);
  for (const minibatch of minibatches) await trainer.step(minibatch, Number.NaN);
  const { outputs } = await trainer.collect();
  const network = await model.save();
  optimizer.dispose();
  model.dispose();
  return {
    network,
    objectives: Object.fromEntries(Object.entries(outputs).map(([o, sums]) => [o, sums.objective / sums.weight])),
  };
}

/** The largest share, over components, of the way that a component went which separates two ends of it. */
function apartBy(start: Network, ours: Network, theirs: Network): number {
  let worst = 0;
  for (const [name, component] of ours.components) {
    if (!(component instanceof UpdatableComponent) || !component.updatable) continue;
    const [a, b, s] = [component, theirs.component(name), start.component(name)].map((c) =>
      (c as UpdatableComponent).parameters(),
    );
    let between = 0;
    let moved = 0;
    for (const parameter of Object.keys(a!))
      a![parameter]!.data.forEach((v, i) => {
        between += (v - b![parameter]!.data[i]!) ** 2;
        moved += (b![parameter]!.data[i]! - s![parameter]!.data[i]!) ** 2;
      });
    if (moved > 0) worst = Math.max(worst, Math.sqrt(between / moved));
  }
  return worst;
}

const read = (path: string): Network => Network.read(new KaldiInput(readFileSync(path), { path }));

describe.each(cases)('%s', (name) => {
  testShared('each pass of nnet3-train ends where Kaldi ends', async () => {
    const before = engine.liveTensors();
    const start = read(`${folder}/${name}/stats.raw`);
    const minibatches = await minibatchesOf(name);
    for (const [pass, settings] of Object.entries(passes)) {
      const { network, objectives } = await onePass(start, minibatches, {
        ...settings,
        seed: turns[`${name} ${pass}`] ?? turns[name] ?? 0,
      });
      const logged = readFileSync(`${folder}/${name}/step-${pass}.log`, 'utf8').matchAll(
        /for '(\w+)' is (-?[\d.e-]+) over/g,
      );
      for (const [, output, value] of logged)
        expect(Math.abs(objectives[output!]! - Number(value))).toBeLessThan((widerWithin[name] ?? within) / 5);
      expect([
        pass,
        apartBy(start, network, read(`${folder}/${name}/step-${pass}.txt`)) <
          (widerWithin[`${name} ${pass}`] ?? widerWithin[name] ?? within),
      ]).toEqual([pass, true]);
    }
    expect(engine.liveTensors()).toBe(before);
  });
});
