import { readFileSync } from 'node:fs';
import { createEngine, type Engine, type Tensor } from '@jebena/engine';
import type { GradientSink, TrainableComponent } from '@jebena/graph';
import { adam, type OptimizerFactory, rmsprop, sgd, type TrainableModel } from '@jebena/train';
import { beforeAll, expect, test } from 'vitest';

// Made by fixtures/make-optimizers.py with PyTorch.
const torch = JSON.parse(readFileSync(new URL('fixtures/optimizers.json', import.meta.url), 'utf8')) as {
  start: number[][];
  after: Record<string, number[][]>;
};

/** The gradient of the thing to be made small, as the script has it; ours is of the thing to be made large. */
const gradient = (step: number): Float32Array =>
  Float32Array.from({ length: 6 }, (_, k) => {
    const i = k % 3;
    return -(k < 3
      ? Math.sin((step + 1) * (i + 1) * 0.37) + 0.3 * Math.cos(step * 0.1 + i)
      : Math.sin((step + 1) * (i + 4) * 0.37));
  });

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-cpu' })));

class OneParameter implements TrainableModel {
  readonly engine = engine;
  readonly trainable = [{ name: 'c', learningRateFactor: 1, parameters: ['linear'] } as unknown as TrainableComponent];
  value: Tensor = engine.keep(engine.tensor(2, 3, Float32Array.from(torch.start.flat())));
  parameter(): Tensor {
    return this.value;
  }
  replace(_parameter: unknown, tensor: Tensor): void {
    engine.dispose(this.value);
    this.value = tensor;
  }
}

const factories: Record<string, [OptimizerFactory, number]> = {
  sgd: [sgd(), 0.05],
  'sgd-momentum': [sgd({ momentum: 0.9 }), 0.05],
  'sgd-nesterov': [sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 }), 0.05],
  adam: [adam(), 0.01],
  'adam-betas': [adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }), 0.01],
  adamw: [adam({ weightDecay: 0.1 }), 0.01],
  rmsprop: [rmsprop({ alpha: 0.95 }), 0.01],
  'rmsprop-centered': [rmsprop({ centered: true, momentum: 0.5, weightDecay: 0.01 }), 0.01],
};

test.each(Object.keys(torch.after))(
  '%s does what PyTorch does, also when it is saved and restored half way',
  async (name) => {
    const [factory, learningRate] = factories[name]!;
    const before = engine.liveTensors();
    const model = new OneParameter();
    let optimizer = factory(model);
    for (let step = 0; step < 100; step++) {
      if (step === 50) {
        const state = await optimizer.state();
        optimizer.dispose();
        optimizer = factory(model);
        optimizer.restore(state);
      }
      engine.tidy(() => optimizer.sink('c')!.whole('linear', engine.tensor(2, 3, gradient(step))));
      await optimizer.step({ learningRate, weight: 1, sequences: 1, count: step });
    }
    const got = await engine.read(model.value);
    torch.after[name]!.flat().forEach((v, i) =>
      expect(Math.abs(got[i]! - v)).toBeLessThan(1e-5 * Math.max(1, Math.abs(v))),
    );
    optimizer.dispose();
    engine.dispose(model.value);
    expect(engine.liveTensors()).toBe(before);
  },
);

test('gradients are divided by the weight and clipped over all parameters', async () => {
  const model = new OneParameter();
  const optimizer = sgd({ clipNorm: 1 })(model);
  engine.tidy(() => optimizer.sink('c')!.whole('linear', engine.tensor(2, 3, Float32Array.of(60, 0, 0, 0, 80, 0))));
  await optimizer.step({ learningRate: 1, weight: 10, sequences: 1, count: 0 });
  const got = await engine.read(model.value);
  expect(got[0]! - 0.5).toBeCloseTo(0.6, 5);
  expect(got[4]!).toBeCloseTo(0.8, 5);
});

test('a gradient that stays in two factors moves as one that was multiplied', async () => {
  const rows = (seed: number, cols: number, count = 1): Tensor =>
    engine.tensor(
      count,
      cols,
      Float32Array.from({ length: count * cols }, (_, i) => Math.sin(seed + i)),
    );
  const before = engine.liveTensors();
  const run = async (hand: (step: number, sink: GradientSink) => void): Promise<Float32Array> => {
    const model = new OneParameter();
    const optimizer = sgd({ momentum: 0.9 })(model);
    for (let step = 0; step < 3; step++) {
      engine.tidy(() => hand(step, optimizer.sink('c')!));
      await optimizer.step({ learningRate: 0.1, weight: 2, sequences: 1, count: step });
    }
    optimizer.sink('c')!.affine('linear', undefined, rows(0, 3), rows(0, 2));
    optimizer.dispose();
    const got = (await engine.read(model.value)).slice();
    engine.dispose(model.value);
    return got;
  };
  // At the last step two gradients meet, so that the factors must be multiplied after all.
  const given = (step: number) =>
    Array.from({ length: step < 2 ? 1 : 2 }, (_, i) => [rows(7 * step + i, 3), rows(step + 3 * i, 2)] as const);
  const inFactors = await run((step, sink) =>
    given(step).forEach(([x, dy]) => sink.affine('linear', undefined, x, dy)),
  );
  const multiplied = await run((step, sink) =>
    given(step).forEach(([x, dy]) => sink.whole('linear', engine.matmul(dy, x, { transposeA: true }))),
  );
  inFactors.forEach((v, i) => expect(v).toBeCloseTo(multiplied[i]!, 5));
  expect(Math.abs(inFactors[0]! - torch.start[0]![0]!)).toBeGreaterThan(1e-3);
  expect(engine.liveTensors()).toBe(before + 4);
});
