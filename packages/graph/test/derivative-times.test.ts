import { createEngine, type Engine, type Tensor } from '@jebena/engine';
import { affineGradient, type GradientSink, Network } from '@jebena/graph';
import { beforeAll, expect, test } from 'vitest';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-cpu' });
});

/** s(t) = tanh(a x(t) + b + w s(t - 1)), o(t) = c s(t): an affine inside a recurrence, and one after it. */
const config = `
input-node name=input dim=1
component name=w type=NaturalGradientAffineComponent input-dim=2 output-dim=1
component-node name=w component=w input=Append(input, IfDefined(Offset(s, -1)))
component name=s type=TanhComponent dim=1
component-node name=s component=s input=w
component name=c type=NaturalGradientAffineComponent input-dim=1 output-dim=1
component-node name=c component=c input=s
output-node name=output input=c
`;
const [first, count] = [-6, 14];
const wanted = { first: 0, count: 5 };
const [a, w, b, c] = [0.7, 0.9, 0.1, 1.3];
const x = Float32Array.from({ length: count }, (_, i) => Math.sin(i * i + 1));
const dy = Float32Array.of(1, -0.5, 0.25, 2, -1);

/** Truncated backpropagation through time by the book: what happens at times that do not count has derivative 0. */
function byHand(from: number, to: number): Record<string, number[]> {
  const s: number[] = [];
  for (let i = 0; i < count; i++) s.push(Math.tanh(a * x[i]! + b + (i > 0 ? w * s[i - 1]! : 0)));
  const sums = { a: 0, w: 0, b: 0, c: 0, bias: 0 };
  let behind = 0;
  for (let i = count - 1; i >= 0; i--) {
    const t = first + i;
    const counts = t >= from && t <= to;
    const d = counts ? (dy[t - wanted.first] ?? 0) : 0;
    sums.c += d * s[i]!;
    sums.bias += d;
    const ds = counts ? c * d + behind : 0;
    const dIn = ds * (1 - s[i]! ** 2);
    sums.a += dIn * x[i]!;
    sums.w += i > 0 ? dIn * s[i - 1]! : 0;
    sums.b += dIn;
    behind = w * dIn;
  }
  return { 'w.linear': [sums.a, sums.w], 'w.bias': [sums.b], 'c.linear': [sums.c], 'c.bias': [sums.bias] };
}

test.each([
  [-Infinity, Infinity],
  [-2, Infinity],
  [-2, 3],
  [1, 1],
  [20, 30],
])('derivatives from time %d to %d are those of truncated backpropagation through time', async (from, to) => {
  const network = Network.fromConfig(config, { seed: 1 });
  const model = network.load(engine);
  const put = (component: string, name: string, rows: number, cols: number, values: number[]): void =>
    model.replace(
      { name, component: { name: component } },
      engine.keep(engine.tensor(rows, cols, Float32Array.from(values))),
    );
  put('w', 'linear', 1, 2, [a, w]);
  put('w', 'bias', 1, 1, [b]);
  put('c', 'linear', 1, 1, [c]);
  put('c', 'bias', 1, 1, [0]);
  const request = {
    sequences: 1,
    inputs: [{ name: 'input', first, count, stride: 1 }],
    outputs: [{ name: 'output', ...wanted, stride: 1 }],
  };
  const given = engine.tensor(count, 1, x);
  const pass = model.compute(request).forward({ input: given }, { training: true, storeStatistics: false });
  const found: Record<string, Tensor> = {};
  const rowsSeen: number[] = [];
  const sink = (component: string): GradientSink => ({
    affine(name, bias, xs, d) {
      rowsSeen.push(d.rows);
      found[`${component}.${name}`] = engine.keep(affineGradient(engine, xs, d));
      if (bias) found[`${component}.${bias}`] = engine.keep(engine.sumRows(d));
    },
    rows: () => expect.fail(),
    whole: () => expect.fail(),
  });
  const derivative = engine.tensor(wanted.count, 1, dy);
  pass.backward({ output: derivative }, sink, { first: from, last: to });
  pass.dispose();
  const expected = byHand(from, to);
  for (const [name, values] of Object.entries(expected)) {
    const gradient = found[name] ? [...(await engine.read(found[name]))] : values.map(() => 0);
    values.forEach((value, i) => expect(gradient[i]).toBeCloseTo(value, 5));
  }
  // Natural gradient is shown the frames that count, and no others.
  for (const rows of rowsSeen) expect(rows).toBeLessThanOrEqual(to - from + 1);
  engine.dispose(given, derivative, ...Object.values(found));
});
