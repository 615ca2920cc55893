import { createEngine, type Engine, type Tensor } from '@jebena/engine';
import { type GradientSink, type Network, readNetworkFile } from '@jebena/graph';
import { beforeAll, describe, expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, nnet3Cases } from './read-golden.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-wasm' });
});

const wave = (count: number, by: number, size: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(by * i * i + 0.7 * i + by));

/** The slope of sum(output * weights) along one direction in inputs and parameters: by backprop and by difference. */
async function slopes(network: Network): Promise<{ backprop: number; numeric: number; size: number }> {
  const model = network.load(engine);
  const frames = 12;
  const { leftContext, rightContext } = network;
  const inputs = network.inputs.map(({ name }) =>
    name === 'ivector'
      ? { name, first: 0, count: 1, stride: 1 }
      : { name, first: -leftContext, count: leftContext + frames + rightContext, stride: 1 },
  );
  const outputs = network.outputs.slice(0, 1).map(({ name }) => ({ name, first: 0, count: frames, stride: 1 }));
  const inputDerivatives = inputs.map((i) => i.name);
  const computation = model.compute({ sequences: 2, inputs, outputs, inputDerivatives });
  const output = outputs[0]!.name;
  const dim = network.outputDim(output);
  const weights = wave(2 * frames * dim, 1.3, 1);
  const values = new Map(inputs.map(({ name, count }) => [name, wave(2 * count * network.inputDim(name), 0.9, 1)]));
  const directions = new Map(inputs.map(({ name }) => [name, wave(values.get(name)!.length, 2.1, 0.2)]));
  const parameters = [...model.parameters()];
  const start = await Promise.all(parameters.map(async (p) => (await engine.read(p.tensor)).slice()));
  const moves = start.map((data, i) => wave(data.length, 0.37 + i, 0.2));

  const run = async (
    by: number,
    sink?: (component: string) => GradientSink,
  ): Promise<[number, Record<string, Tensor>]> => {
    parameters.forEach((p, i) => {
      const moved = start[i]!.map((v, k) => v + by * moves[i]![k]!);
      model.replace(p, engine.tensor(p.tensor.rows, p.tensor.cols, moved));
    });
    const given = Object.fromEntries(
      inputs.map(({ name, count }) => {
        const direction = directions.get(name)!;
        const moved = values.get(name)!.map((v, k) => v + by * direction[k]!);
        return [name, engine.tensor(2 * count, network.inputDim(name), moved)];
      }),
    );
    const dy = engine.tensor(2 * frames, dim, weights);
    const pass = computation.forward(given, { training: true, storeStatistics: false, seed: 5 });
    const y = await engine.read(pass.output(output));
    const derivatives = sink ? pass.backward({ [output]: dy }, sink) : {};
    pass.dispose();
    engine.dispose(dy, ...Object.values(given));
    return [y.reduce((sum, v, i) => sum + v * weights[i]!, 0), derivatives];
  };

  const found = new Map<string, Tensor>();
  const take = (component: string, name: string, t: Tensor): void => {
    expect(found.has(`${component}.${name}`)).toBe(false);
    found.set(`${component}.${name}`, engine.keep(t));
  };
  const live = engine.liveTensors();
  const [, derivatives] = await run(0, (component) => ({
    affine(weightsName, bias, x, d) {
      take(component, weightsName, engine.matmul(d, x, { transposeA: true }));
      if (bias) take(component, bias, engine.sumRows(d));
    },
    rows: (name, rows) => take(component, name, engine.sumRows(rows)),
    whole: (name, gradient) => take(component, name, engine.scale(gradient, 1)),
  }));
  const dot = async (t: Tensor, direction: Float32Array): Promise<number> =>
    (await engine.read(t)).reduce((sum, v, i) => sum + v * direction[i]!, 0);
  let backprop = 0;
  let size = 0;
  const add = async (t: Tensor, direction: Float32Array): Promise<void> => {
    const part = await dot(t, direction);
    backprop += part;
    size += Math.abs(part);
    engine.dispose(t);
  };
  for (const [name, t] of Object.entries(derivatives)) await add(t, directions.get(name)!);
  for (const [i, p] of parameters.entries()) {
    const gradient = found.get(`${p.component.name}.${p.name}`);
    if (gradient) await add(gradient, moves[i]!);
  }
  expect(engine.liveTensors() - live).toBeLessThan(200);
  const step = 1e-4;
  const numeric = ((await run(step))[0] - (await run(-step))[0]) / (2 * step);
  model.dispose();
  return { backprop, numeric, size };
}

describe('backprop along one direction of everything', () => {
  for (const name of nnet3Cases)
    testShared(`nnet3/${name}`, async () => {
      const { backprop, numeric, size } = await slopes(readNetworkFile(bytesOf('nnet3', name, 'init.raw')));
      expect(Math.abs(backprop - numeric)).toBeLessThan(0.02 * size + 0.02);
    });
});
