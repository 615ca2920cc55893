import type { Engine } from '@jebena/engine';
import { Network, UpdatableComponent } from '@jebena/graph';
import { matrix } from '@jebena/io-ark';
import { constantRate, kaldiSgd, quadratic, train } from '@jebena/train';
import { exampleText, minibatchOf } from './examples.js';
import { type Pair, randomSample } from './generator.js';

const config = `
input-node name=input dim=2
component name=affine type=AffineComponent input-dim=2 output-dim=1 learning-rate=0.6
component-node name=affine component=affine input=input
output-node name=output input=affine objective=quadratic
`;

/** Where the parameters start. */
const start = {
  linear: matrix(1, 2, Float32Array.of(-0.8441005, 1.287315)),
  bias: matrix(1, 1, Float32Array.of(0.4790476)),
};

/** What a pass over the 100 examples gave. */
export interface RegressionPass {
  readonly objective: number;
  readonly frames: number;
  readonly weights: readonly [number, number];
  readonly bias: number;
}

/** What the recipe found. */
export interface Regression {
  readonly network: Network;
  readonly passes: readonly RegressionPass[];
  /** The next rows of the generator, and what the network makes of them. */
  readonly predictions: readonly { readonly pair: Pair; readonly y: number }[];
  /** Seconds of each kind of work. */
  readonly profile: Readonly<Record<string, number>>;
}

const startNetwork = (): Network =>
  Network.fromConfig(config, { seed: 0 }).withComponents((c) =>
    c instanceof UpdatableComponent ? c.withParameters(start) : c,
  );

/** Fits a line by stochastic gradient descent, one example at a time, and applies it to new rows. */
export async function linearRegression(engine: Engine, passes: number): Promise<Regression> {
  const draw = randomSample(1234);
  const row = (): Pair => [draw(), draw()];
  const minibatches = Array.from({ length: 100 }, (_, i) => minibatchOf(`eg${i}`, exampleText(`eg${i}`, row())));
  const model = startNetwork().load(engine);
  const optimizer = kaldiSgd()(model);
  const done: RegressionPass[] = [];
  const profile: Record<string, number> = {};
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    profile[name] = (profile[name] ?? 0) + (performance.now() - began) / 1000;
    return result;
  };
  for (let pass = 0; pass < passes; pass++) {
    const stage = train(model, {
      objective: quadratic(),
      optimizer,
      schedule: constantRate(0.6),
      totalSteps: 100 * passes,
      reportEvery: 100,
    });
    await timed('training', async () => {
      for await (const event of stage(minibatches)) {
        if (event.type !== 'end') continue;
        const { objective, weight } = event.outputs['output']!;
        const weights = await engine.read(model.parameter('affine', 'linear'));
        const bias = await engine.read(model.parameter('affine', 'bias'));
        done.push({
          objective: objective / weight,
          frames: weight,
          weights: [weights[0]!, weights[1]!],
          bias: bias[0]!,
        });
      }
    });
  }
  const rows = Array.from({ length: 10 }, row);
  const y = await timed('computing', async () => {
    const io = { first: 0, count: rows.length, stride: 1 };
    const request = { sequences: 1, inputs: [{ ...io, name: 'input' }], outputs: [{ ...io, name: 'output' }] };
    const input = engine.tensor(rows.length, 2, Float32Array.from(rows.flat()));
    const pass = model.compute(request).forward({ input });
    const values = (await engine.read(pass.output('output'))).slice();
    pass.dispose();
    engine.dispose(input);
    return values;
  });
  const network = await model.save();
  optimizer.dispose();
  model.dispose();
  return { network, passes: done, predictions: rows.map((pair, i) => ({ pair, y: y[i]! })), profile };
}
