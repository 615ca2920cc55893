import type { Engine, Tensor } from '@jebena/engine';
import { affineGradient, type GradientSink } from '../gradient-sink.js';
import type { Network } from '../network.js';
import type { IoRequest } from '../request.js';

/** Values that look random, from numbers alone. */
export const wave = (count: number, by: number, size: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(by * i * i + 0.7 * i + by));

export interface SlopeOptions {
  /** Output frames and sequences of the request. */
  readonly frames?: number;
  readonly sequences?: number;
  /** Frames between outputs. */
  readonly stride?: number;
  /** Size of the step that the difference is taken over. */
  readonly step?: number;
  readonly training?: boolean;
  /** Which inputs and parameters are moved (`input`, `affine.linear`); all where absent. */
  readonly moves?: (name: string) => boolean;
}

export interface Slope {
  /** By backprop. */
  readonly backprop: number;
  /** By a difference of two forward passes. */
  readonly numeric: number;
  /** What it is made of, without regard to sign. */
  readonly size: number;
}

/**
 * How fast a weighted sum of a network's first output grows along one direction in its inputs and parameters: as
 * backprop has it, and as two forward passes have it.
 */
export async function slopeOf(network: Network, engine: Engine, options: SlopeOptions = {}): Promise<Slope> {
  const { frames = 12, sequences = 2, stride = 1, step = 1e-4, training = true, moves = () => true } = options;
  const model = network.load(engine);
  // Contexts as Kaldi finds them may be too short for networks with gaps; a few frames more do no harm.
  const leftContext = network.leftContext + 6;
  const rightContext = network.rightContext + 6;
  const count = leftContext + (frames - 1) * stride + 1 + rightContext;
  const inputs: IoRequest[] = network.inputs.map(({ name }) =>
    name === 'ivector' ? { name, first: 0, count: 1, stride: 1 } : { name, first: -leftContext, count, stride: 1 },
  );
  const output = network.outputs[0]!.name;
  const outputs = [{ name: output, first: 0, count: frames, stride }];
  const computation = model.compute({ sequences, inputs, outputs, inputDerivatives: inputs.map((i) => i.name) });
  const dim = network.outputDim(output);
  const weights = wave(frames * sequences * dim, 1.3, 1);
  const parameters = [...model.parameters()];
  const names = parameters.map((p) => `${p.component.name}.${p.name}`);
  const starts = await Promise.all(parameters.map(async (p) => (await engine.read(p.tensor)).slice()));
  const directions = new Map<string, Float32Array>();
  const direct = (name: string, length: number, by: number): void => {
    directions.set(name, wave(length, by, moves(name) ? 0.2 : 0));
  };
  for (const i of inputs) direct(i.name, i.count * sequences * network.inputDim(i.name), 2.1);
  names.forEach((name, i) => direct(name, starts[i]!.length, 0.37 + i));
  const moved = (name: string, from: Float32Array, by: number): Float32Array => {
    const direction = directions.get(name)!;
    return from.map((v, k) => v + by * direction[k]!);
  };

  const run = async (
    by: number,
    sink?: (component: string) => GradientSink,
  ): Promise<[number, Record<string, Tensor>]> => {
    parameters.forEach((p, i) => {
      const { rows, cols } = p.tensor;
      model.replace(p, engine.tensor(rows, cols, moved(names[i]!, starts[i]!, by)));
    });
    const given: Record<string, Tensor> = {};
    for (const { name, count: rows } of inputs) {
      const cols = network.inputDim(name);
      given[name] = engine.tensor(rows * sequences, cols, moved(name, wave(rows * sequences * cols, 0.9, 1), by));
    }
    const dy = engine.tensor(frames * sequences, dim, weights);
    const pass = computation.forward(given, { training, backprop: true, storeStatistics: false, seed: 5 });
    const y = await engine.read(pass.output(output));
    const derivatives = sink ? pass.backward({ [output]: dy }, sink) : {};
    pass.dispose();
    engine.dispose(dy, ...Object.values(given));
    return [y.reduce((sum, v, i) => sum + v * weights[i]!, 0), derivatives];
  };

  const found = new Map<string, Tensor>();
  const take = (component: string, name: string, t: Tensor): void => {
    const key = `${component}.${name}`;
    if (found.has(key)) throw new Error(`${key}: expected one gradient a pass, found two`);
    if (!directions.has(key)) throw new Error(`${key}: expected the gradient of a parameter, found another name`);
    found.set(key, engine.keep(t));
  };
  const [, derivatives] = await run(0, (component) => ({
    affine(weightsName, bias, x, d) {
      take(component, weightsName, affineGradient(engine, x, d));
      if (bias) take(component, bias, engine.sumRows(d));
    },
    rows: (name, rows) => take(component, name, engine.sumRows(rows)),
    whole: (name, gradient) => take(component, name, engine.scale(gradient, 1)),
  }));
  let backprop = 0;
  let size = 0;
  for (const [name, t] of [...Object.entries(derivatives), ...found]) {
    const direction = directions.get(name)!;
    const values = await engine.read(t);
    engine.dispose(t);
    if (values.length !== direction.length)
      throw new Error(`${name}: expected a gradient of ${direction.length} values, found ${values.length}`);
    const part = values.reduce((sum, v, i) => sum + v * direction[i]!, 0);
    backprop += part;
    size += Math.abs(part);
  }
  const numeric = ((await run(step))[0] - (await run(-step))[0]) / (2 * step);
  model.dispose();
  return { backprop, numeric, size };
}
