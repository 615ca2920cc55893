import { createEngine, type Engine } from '@jebena/engine';
import { Network, affineGradient, type GradientSink, type Model } from '@jebena/graph';
import { beforeAll, describe, expect, test } from 'vitest';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-cpu' });
});

const config = `
input-node name=input dim=4
component name=a type=NaturalGradientAffineComponent input-dim=8 output-dim=6
component-node name=a component=a input=Append(Offset(input, -1), Sum(input, Scale(0.5, Offset(input, 1))))
component name=r type=RectifiedLinearComponent dim=6
component-node name=r component=r input=a
component name=b type=BatchNormComponent dim=6
component-node name=b component=b input=r
component name=br type=RectifiedLinearComponent dim=6 block-dim=3
component-node name=br component=br input=b
component name=bb type=BatchNormComponent dim=6 block-dim=3
component-node name=bb component=bb input=br
component name=t type=TdnnComponent input-dim=6 output-dim=5 time-offsets=-3,0,3
component-node name=t component=t input=bb
component name=w type=NaturalGradientAffineComponent input-dim=10 output-dim=5
component-node name=w component=w input=Append(t, IfDefined(Offset(s, -3)))
component name=s type=TanhComponent dim=5
component-node name=s component=s input=w
dim-range-node name=half input-node=s dim=2 dim-offset=1
component name=p type=NaturalGradientAffineComponent input-dim=5 output-dim=5
component-node name=p component=p input=s
component name=pr type=RectifiedLinearComponent dim=5
component-node name=pr component=pr input=p
component name=pb type=BatchNormComponent dim=5
component-node name=pb component=pb input=pr
component name=sb type=BatchNormComponent dim=5
component-node name=sb component=sb input=t
component name=s1 type=NoOpComponent dim=5
component-node name=s1 component=s1 input=Sum(pb, sb)
component name=sx type=BatchNormComponent dim=5
component-node name=sx component=sx input=s
component name=s2 type=NoOpComponent dim=5
component-node name=s2 component=s2 input=Sum(Scale(0.66, s1), sx)
component name=o type=LinearComponent input-dim=7 output-dim=3
component-node name=o component=o input=Append(s2, half)
component name=ls type=LogSoftmaxComponent dim=3
component-node name=ls component=ls input=o
output-node name=output input=ls
`;

const request = {
  sequences: 2,
  inputs: [{ name: 'input', first: -4, count: 20, stride: 1 }],
  outputs: [{ name: 'output', first: 0, count: 11, stride: 1 }],
  inputDerivatives: ['input'],
};

/** Sum of the outputs times fixed weights, and its gradients by backprop. */
async function run(model: Model, input: Float32Array, weights: Float32Array, back: boolean) {
  const x = engine.tensor(40, 4, input);
  const dy = engine.tensor(22, 3, weights);
  const pass = model.compute(request).forward({ input: x }, { training: true, storeStatistics: false });
  const y = await engine.read(pass.output('output'));
  const value = y.reduce((sum, v, i) => sum + v * weights[i]!, 0);
  const gradients: Record<string, Float32Array> = {};
  if (back) {
    const reads: [string, ReturnType<Engine['zeros']>][] = [];
    const sink = (component: string): GradientSink => ({
      affine(name, bias, xs, d) {
        reads.push([`${component}.${name}`, engine.keep(affineGradient(engine, xs, d))]);
        if (bias) reads.push([`${component}.${bias}`, engine.keep(engine.sumRows(d))]);
      },
      rows: (name, rows) => void reads.push([`${component}.${name}`, engine.keep(engine.sumRows(rows))]),
      whole: (name, g) => void reads.push([`${component}.${name}`, engine.keep(engine.scale(g, 1))]),
    });
    const derivatives = pass.backward({ output: dy }, sink);
    gradients['input'] = await engine.read(derivatives['input']!);
    engine.dispose(derivatives['input']);
    for (const [name, t] of reads) {
      expect(gradients[name]).toBeUndefined();
      gradients[name] = await engine.read(t);
      engine.dispose(t);
    }
  }
  pass.dispose();
  engine.dispose(x, dy);
  return { value, gradients };
}

describe('backprop through a network', () => {
  test('gives the numeric gradients of inputs and parameters, and frees all it made', async () => {
    const model = Network.fromConfig(config, { seed: 3 }).load(engine);
    const input = Float32Array.from({ length: 160 }, (_, i) => Math.sin(1.7 * i) + 0.3 * Math.cos(0.31 * i * i));
    const weights = Float32Array.from({ length: 66 }, (_, i) => Math.cos(2.3 * i));
    await run(model, input, weights, true);
    const live = engine.liveTensors();
    const { gradients } = await run(model, input, weights, true);
    expect(engine.liveTensors()).toBe(live);
    const parameters = [...model.parameters()];
    const names = ['input', ...parameters.map((p) => `${p.component.name}.${p.name}`)];
    expect(Object.keys(gradients).sort()).toEqual(names.sort());

    const step = 1e-3;
    const slope = async (move: (by: number) => Promise<number>): Promise<number> =>
      ((await move(step)) - (await move(-step))) / (2 * step);
    for (const at of [0, 5, 37, 80, 121, 159]) {
      const found = await slope(async (by) => {
        const moved = input.slice();
        moved[at]! += by;
        return (await run(model, moved, weights, false)).value;
      });
      expect(gradients['input']![at]).toBeCloseTo(found, 1);
    }
    for (const parameter of parameters) {
      const { rows, cols } = parameter.tensor;
      const data = (await engine.read(parameter.tensor)).slice();
      const gradient = gradients[`${parameter.component.name}.${parameter.name}`]!;
      for (const at of [0, Math.floor(data.length / 2), data.length - 1]) {
        const found = await slope(async (by) => {
          const moved = data.slice();
          moved[at]! += by;
          model.replace(parameter, engine.tensor(rows, cols, moved));
          return (await run(model, input, weights, false)).value;
        });
        expect(Math.abs(gradient[at]! - found), `${parameter.component.name}.${parameter.name}[${at}]`).toBeLessThan(
          0.02 + 0.02 * Math.abs(found),
        );
        model.replace(parameter, engine.tensor(rows, cols, data));
      }
    }
    model.dispose();
  });

  test('statistics of a ReLU are of units, also where its way back is one with that of a batch norm of blocks', async () => {
    const relu = `
      input-node name=input dim=6
      component name=r type=RectifiedLinearComponent dim=6 block-dim=3 self-repair-scale=0.1
      component-node name=r component=r input=input
      component name=b type=BatchNormComponent dim=6 block-dim=3
      component-node name=b component=b input=r
      output-node name=output input=b`;
    const range = { first: 0, count: 15, stride: 1 };
    const taken = async (outputs: readonly string[], lines: string) => {
      const model = Network.fromConfig(relu + lines).load(engine);
      const computation = model.compute({
        sequences: 2,
        inputs: [{ name: 'input', ...range }],
        outputs: outputs.map((name) => ({ name, ...range })),
        inputDerivatives: ['input'],
      });
      const x = engine.tensor(
        30,
        6,
        Float32Array.from({ length: 180 }, (_, i) => Math.sin(1.7 * i * i)),
      );
      const dy = engine.tensor(
        30,
        6,
        Float32Array.from({ length: 180 }, (_, i) => Math.cos(2.3 * i * i)),
      );
      const pass = computation.forward({ input: x }, { training: true, storeStatistics: true });
      const { input } = pass.backward({ output: dy }, () => undefined);
      const derivative = await engine.read(input!);
      const { sums, counts } = (await model.save()).component('r').statistics()!;
      model.dispose();
      return { derivative, oderiv: sums['oderiv']!.data, repaired: counts['numDimsProcessed'] };
    };
    const together = await taken(['output'], '');
    // Here the ReLU has another reader, so each goes back by itself.
    const apart = await taken(['output', 'other'], '\noutput-node name=other input=r');
    expect(together.repaired).toBe(apart.repaired);
    for (const name of ['derivative', 'oderiv'] as const) {
      expect(together[name].length).toBe(apart[name].length);
      apart[name].forEach((v, i) => expect(together[name][i], `${name}[${i}]`).toBeCloseTo(v, 4));
    }
  });

  test('takes memory that is planned: more when training, and what a chain needs when not', () => {
    const chain = `
      input-node name=input dim=8
      ${Array.from(
        { length: 10 },
        (_, i) => `component name=a${i} type=SigmoidComponent dim=8
      component-node name=a${i} component=a${i} input=${i === 0 ? 'input' : `a${i - 1}`}`,
      ).join('\n')}
      output-node name=output input=a9`;
    const model = Network.fromConfig(chain).load(engine);
    const range = { first: 0, count: 5, stride: 1 };
    const computation = model.compute({
      sequences: 2,
      inputs: [{ name: 'input', ...range }],
      outputs: [{ name: 'output', ...range }],
    });
    const one = 4 * 2 * 5 * 8;
    expect(computation.memory()).toBe(2 * one);
    expect(computation.memory(true)).toBe(10 * one);
    model.dispose();
  });

  test('of subsampled outputs leaves nothing behind, pass after pass', async () => {
    const net = Network.fromConfig(
      `input-node name=input dim=3
       component name=a type=AffineComponent input-dim=6 output-dim=4
       component-node name=a component=a input=Append(input, Offset(input, 1))
       component name=t type=TdnnComponent input-dim=4 output-dim=6 time-offsets=-3,0,3
       component-node name=t component=t input=a
       output-node name=output input=t`,
    );
    const model = net.load(engine);
    const x = engine.randomNormal(2 * 30, 3, 1);
    const dy = engine.randomNormal(2 * 4, 6, 2);
    const computation = model.compute({
      sequences: 2,
      inputs: [{ name: 'input', first: -10, count: 30, stride: 1 }],
      outputs: [{ name: 'output', first: 0, count: 4, stride: 3 }],
      inputDerivatives: ['input'],
    });
    const live: number[] = [];
    for (let i = 0; i < 3; i++) {
      const pass = computation.forward({ input: x }, { training: true });
      engine.dispose(pass.backward({ output: dy }, () => undefined)['input']);
      live.push(engine.liveTensors());
    }
    expect(live).toEqual([live[0], live[0], live[0]]);
    model.dispose();
    engine.dispose(x, dy);
  });
});
