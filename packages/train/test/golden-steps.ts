import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Minibatch, mergeableNnetExamples, Merger, nnetExampleHolder, toMinibatch } from '@jebena/egs';
import type { Engine } from '@jebena/engine';
import { type Model, Network, UpdatableComponent } from '@jebena/graph';
import { KaldiInput } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import {
  crossEntropy,
  kaldiSgd,
  type KaldiSgdSettings,
  quadratic,
  type StatisticsSettings,
  Trainer,
} from '@jebena/train';
import { shared } from '../../../test/support/shared.js';

const folder = shared('golden/nnet3');

export const cases = existsSync(folder) ? readdirSync(folder) : ['(no cases)'];

/** The passes of nnet3-train over three minibatches whose ends Kaldi's files show. */
export const passes: Readonly<Record<string, KaldiSgdSettings & StatisticsSettings>> = {
  sgd: {},
  momentum: { momentum: 0.5 },
  l2: { l2RegularizeFactor: 0.5 },
  maxchange: { maxParamChange: 0.05 },
  nostats: { storeStatistics: false },
  backstitch: { backstitchScale: 0.3, backstitchInterval: 1 },
};

/** Kaldi draws the steps at which it applies orthonormal constraints: the turn that agrees with its draws. */
const turns: Record<string, number> = { lstmb: 3, 'lstmb backstitch': 2 };

/** Kaldi draws the steps at which it repairs units, by 1e-5; where that turns a rectified unit on or off, a seed that agrees. */
const seeds: Record<string, number> = { 'tdnnf momentum': 4 };

const readNetwork = (path: string): Network => Network.read(new KaldiInput(readFileSync(path), { path }));

export const startOf = (name: string): Network => readNetwork(`${folder}/${name}/stats.raw`);
export const endOf = (name: string, pass: string): Network => readNetwork(`${folder}/${name}/step-${pass}.txt`);

/** What Kaldi logged: the objective per frame of each output. */
export const objectivesOf = (name: string, pass: string): Record<string, number> =>
  Object.fromEntries(
    Array.from(
      readFileSync(`${folder}/${name}/step-${pass}.log`, 'utf8').matchAll(/for '([\w-]+)' is (-?[\d.e-]+) over/g),
      ([, output, value]) => [output!, Number(value)],
    ),
  );

export async function minibatchesOf(name: string): Promise<Minibatch[]> {
  const merger = new Merger(mergeableNnetExamples(), { rule: 6 });
  const merged = [];
  for await (const item of readTable(nnetExampleHolder, `ark:${folder}/${name}/egs.ark`))
    merged.push(...merger.push(item));
  merged.push(...merger.flush());
  return merged.map(([key, example]) => toMinibatch(key, example));
}

/** Trains one pass as `nnet3-train` does; `after` sees the model after each minibatch. */
export async function trainPass(
  engine: Engine,
  [name, pass]: readonly [string, string],
  after?: (model: Model) => Promise<void>,
): Promise<{ network: Network; objectives: Record<string, number> }> {
  const start = startOf(name);
  const settings = passes[pass]!;
  const model = start.withoutStatistics().load(engine);
  const optimizer = kaldiSgd({ ...settings, seed: turns[`${name} ${pass}`] ?? turns[name] ?? 0 })(model);
  const kinds = new Map(start.outputs.map((o) => [o.name, o.objective === 'quadratic' ? quadratic() : crossEntropy()]));
  const seed = seeds[`${name} ${pass}`] ?? 1;
  const trainer = new Trainer(model, optimizer, (output) => kinds.get(output)!, seed, 0, settings);
  for (const minibatch of await minibatchesOf(name)) {
    await trainer.step(minibatch, Number.NaN);
    await after?.(model);
  }
  const { outputs } = await trainer.collect();
  const network = await model.save();
  trainer.dispose();
  optimizer.dispose();
  model.dispose();
  const objectives = Object.entries(outputs).map(([o, sums]) => [o, sums.objective / sums.weight] as const);
  return { network, objectives: Object.fromEntries(objectives) };
}

/** By `component.parameter`, how far two networks lie apart. */
export function distances(a: Network, b: Network): Record<string, number> {
  const all: Record<string, number> = {};
  for (const [name, component] of a.components) {
    if (!(component instanceof UpdatableComponent) || !component.updatable) continue;
    const others = (b.component(name) as UpdatableComponent).parameters();
    for (const [parameter, { data }] of Object.entries(component.parameters())) {
      let squares = 0;
      data.forEach((v, i) => (squares += (v - others[parameter]!.data[i]!) ** 2));
      all[`${name}.${parameter}`] = Math.sqrt(squares);
    }
  }
  return all;
}
