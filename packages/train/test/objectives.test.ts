import { readFileSync } from 'node:fs';
import type { MinibatchOutput } from '@jebena/egs';
import { createEngine } from '@jebena/engine';
import { crossEntropy, type Objective, quadratic, weighted } from '@jebena/train';
import { expect, test } from 'vitest';

// Made by fixtures/make-objectives.py with PyTorch.
const torch = JSON.parse(readFileSync(new URL('fixtures/objectives.json', import.meta.url), 'utf8')) as {
  logits: number[][];
  values: number[][];
  soft: number[][];
  wanted: number[][];
  labels: number[];
  weights: number[];
  losses: Record<string, { loss: number; gradient: number[][] }>;
};

const engine = await createEngine({ engine: 'tfjs-cpu' });
const flat = (rows: number[][]) => Float32Array.from(rows.flat());
const dense = (rows: number[][]) => {
  const cols = rows[0]!.length;
  return { kind: 'dense' as const, dim: cols, values: { rows: rows.length, cols, data: flat(rows) } };
};
const labels = { kind: 'labels' as const, dim: 4, labels: Int32Array.from(torch.labels) };

const kinds: Record<string, [Objective, MinibatchOutput['targets']]> = {
  labels: [crossEntropy(), labels],
  smoothed: [crossEntropy({ labelSmoothing: 0.2 }), labels],
  soft: [crossEntropy(), dense(torch.soft)],
  'soft smoothed': [crossEntropy({ labelSmoothing: 0.2 }), dense(torch.soft)],
  quadratic: [quadratic(), dense(torch.wanted)],
  'quadratic weighted': [weighted(quadratic(), 0.3), dense(torch.wanted)],
};

test.each(Object.keys(torch.losses))('%s: loss and gradient are PyTorch’s, frames by their weights', async (name) => {
  const [objective, targets] = kinds[name]!;
  const { loss, gradient } = torch.losses[name]!;
  const classes = objective.name === 'linear';
  const given = classes ? torch.logits : torch.values;
  const x = engine.tensor(given.length, given[0]!.length, flat(given));
  const y = classes ? engine.logSoftmax(x) : x;
  const weights = Float32Array.from(torch.weights);
  const target = { name: 'output', first: 0, count: 1, stride: 1, targets, weights };
  const evaluation = objective.evaluate(engine, y, target, given.length);
  const dx = classes ? engine.logSoftmaxGrad(y, evaluation.derivative) : evaluation.derivative;
  // What is reported is not weighted by output.
  const reported = name === 'quadratic weighted' ? loss / 0.3 : loss;
  expect((await engine.read(evaluation.objective))[0]!).toBeCloseTo(-reported, 4);
  expect(evaluation.weight).toBeCloseTo(3.75, 5);
  const got = await engine.read(dx);
  flat(gradient).forEach((v, i) => expect(got[i]!).toBeCloseTo(-v, 5));
});

test('a weight of an output is finite and not negative', () => {
  expect(() => weighted(quadratic(), -1)).toThrow('found -1');
  expect(() => weighted(quadratic(), Number.NaN)).toThrow('found NaN');
});
