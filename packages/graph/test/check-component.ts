import { createEngine, type Engine } from '@jebena/engine';
import {
  Network,
  UpdatableComponent,
  affineGradient,
  componentInfo,
  type GradientSink,
  type Model,
} from '@jebena/graph';
import { expect } from 'vitest';

const engine: Promise<Engine> = createEngine({ engine: 'tfjs-cpu' });

export interface CheckOptions {
  /** Standard deviation of the input's values. */
  readonly scale?: number;
  /** How near a gradient must come, relative to the largest of its kind. */
  readonly tolerance?: number;
  /** Descriptor before the component. */
  readonly input?: string;
  readonly inputDim?: number;
}

/**
 * A component, given by its config line, in a network of its own: it is written and read back in both forms, it is
 * told by nnet3-info, and its derivatives of data and parameters are those found by small steps.
 */
export async function checkComponent(line: string, options: CheckOptions = {}): Promise<void> {
  const { scale = 1, tolerance = 0.02, input = 'input' } = options;
  const probe = Network.fromConfig(
    `component name=c ${line}\ninput-node name=input dim=1\noutput-node name=output input=input`,
    { seed: 5 },
  ).component('c');
  const network = Network.fromConfig(
    `component name=c ${line}
     input-node name=input dim=${options.inputDim ?? probe.inputDim}
     component-node name=c component=c input=${input}
     output-node name=output input=c`,
    { seed: 5 },
  );
  for (const binary of [true, false]) {
    const bytes = network.toBytes({ binary });
    const again = Network.fromBytes(bytes);
    expect(Buffer.compare(again.toBytes({ binary }), bytes)).toBe(0);
    if (binary) expect(componentInfo(again.component('c'))).toBe(componentInfo(network.component('c')));
  }
  expect(componentInfo(network.component('c'))).toContain(network.component('c').type);
  await checkGradients(await engine, network, scale, tolerance);
}

async function checkGradients(engine: Engine, network: Network, scale: number, tolerance: number): Promise<void> {
  const model = network.load(engine);
  const live = engine.liveTensors();
  const [rows, inputDim, outputDim] = [6, network.inputDim(), network.outputDim()];
  const request = {
    sequences: 2,
    inputs: [{ name: 'input', first: 0, count: 3, stride: 1 }],
    outputs: [{ name: 'output', first: 0, count: 3, stride: 1 }],
    inputDerivatives: ['input'],
  };
  const wave = (i: number): number => Math.sin(1.7 * i) + 0.6 * Math.cos(0.37 * i * i + 1);
  const data = Float32Array.from({ length: rows * inputDim }, (_, i) => scale * wave(i + 1));
  const weights = Float32Array.from({ length: rows * outputDim }, (_, i) => wave(2 * i + 3));
  const value = async (values: Float32Array): Promise<number> => {
    const x = engine.tensor(rows, inputDim, values);
    const pass = model.compute(request).forward({ input: x }, { training: true, storeStatistics: false });
    const y = await engine.read(pass.output('output'));
    pass.dispose();
    engine.dispose(x);
    return y.reduce((sum, v, i) => sum + v * weights[i]!, 0);
  };
  const gradients = await gradientsOf(engine, model, request, data, weights);

  const slopeAt = async (
    values: Float32Array,
    at: number,
    run: (moved: Float32Array) => Promise<number>,
  ): Promise<number> => {
    const step = 2e-3;
    const moved = values.slice();
    moved[at] = values[at]! + step;
    const high = await run(moved);
    moved[at] = values[at]! - step;
    return (high - (await run(moved))) / (2 * step);
  };
  const near = (name: string, found: Float32Array, at: number, slope: number): void => {
    const size = found.reduce((most, v) => Math.max(most, Math.abs(v)), 0.1);
    expect(Math.abs(found[at]! - slope), `${name}[${at}]: ${found[at]} by backprop, ${slope} by steps`).toBeLessThan(
      tolerance * size,
    );
  };
  const places = (length: number): number[] => [...new Set([0, 1, 2, 5, 7, 11].map((i) => (i * 7) % length))];
  for (const at of places(data.length)) near('input', gradients['input']!, at, await slopeAt(data, at, value));
  const component = network.component('c');
  const names =
    component instanceof UpdatableComponent && component.updatable ? Object.keys(component.parameters()) : [];
  expect(Object.keys(gradients).sort()).toEqual(['input', ...names].sort());
  for (const parameter of model.parameters()) {
    const { rows, cols } = parameter.tensor;
    const values = (await engine.read(parameter.tensor)).slice();
    for (const at of places(values.length)) {
      const slope = await slopeAt(values, at, async (moved) => {
        model.replace(parameter, engine.tensor(rows, cols, moved));
        return value(data);
      });
      near(parameter.name, gradients[parameter.name]!, at, slope);
    }
    model.replace(parameter, engine.tensor(rows, cols, values));
  }
  expect(engine.liveTensors()).toBeLessThanOrEqual(live + 40);
  model.dispose();
}

async function gradientsOf(
  engine: Engine,
  model: Model,
  request: Parameters<Model['compute']>[0],
  data: Float32Array,
  weights: Float32Array,
): Promise<Record<string, Float32Array>> {
  const x = engine.tensor(6, data.length / 6, data);
  const dy = engine.tensor(6, weights.length / 6, weights);
  const reads: [string, ReturnType<Engine['zeros']>][] = [];
  const sink = (): GradientSink => ({
    affine(name, bias, xs, d) {
      reads.push([name, engine.keep(affineGradient(engine, xs, d))]);
      if (bias) reads.push([bias, engine.keep(engine.sumRows(d))]);
    },
    rows: (name, rows) => void reads.push([name, engine.keep(engine.sumRows(rows))]),
    whole: (name, g) => void reads.push([name, engine.keep(engine.scale(g, 1))]),
  });
  const pass = model.compute(request).forward({ input: x }, { training: true, storeStatistics: true });
  const derivatives = pass.backward({ output: dy }, sink);
  const gradients: Record<string, Float32Array> = {};
  const dx = derivatives['input'];
  gradients['input'] = dx ? await engine.read(dx) : new Float32Array(data.length);
  for (const [name, t] of reads) {
    gradients[name] = await engine.read(t);
    engine.dispose(t);
  }
  pass.dispose();
  engine.dispose(x, dy, dx);
  return gradients;
}
