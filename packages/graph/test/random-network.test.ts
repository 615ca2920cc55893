import { createEngine, type Engine } from '@jebena/engine';
import { type IoRequest, type Model, Network } from '@jebena/graph';
import { slopeOf, wave } from '@jebena/graph/testing';
import { array, assert as assertProperty, asyncProperty, nat, property } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomConfig } from './random-network.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-wasm' });
});

/** Numbers for {@link randomConfig}, as fast-check draws and shrinks them. */
const picks = array(nat(1000), { minLength: 60, maxLength: 60 });
const config = picks.map((numbers) => {
  let at = 0;
  return randomConfig((count) => numbers[at++ % numbers.length]! % count);
});

async function outputs(model: Model, feats: Float32Array, sequences: number, count: number): Promise<Float32Array> {
  const dim = model.network.inputDim();
  const input = engine.tensor(feats.length / dim, dim, feats);
  const inputs: IoRequest[] = [{ name: 'input', first: -60, count: feats.length / dim / sequences, stride: 1 }];
  const pass = model
    .compute({ sequences, inputs, outputs: [{ name: 'output', first: 0, count, stride: 1 }] })
    .forward({ input }, { training: false, backprop: false });
  const y = (await engine.read(pass.output('output'))).slice();
  pass.dispose();
  engine.dispose(input);
  return y;
}

describe('random networks', () => {
  test('are written and read back alike in both forms', () => {
    assertProperty(
      property(config, (text) => {
        const network = Network.fromConfig(text, { seed: 7 });
        for (const binary of [true, false]) {
          const bytes = network.toBytes({ binary });
          expect(Buffer.compare(Network.fromBytes(bytes).toBytes({ binary }), bytes)).toBe(0);
        }
        expect(Network.fromBytes(network.toBytes()).nodeLines()).toEqual(network.nodeLines());
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test('have the numeric gradients', async () => {
    await assertProperty(
      asyncProperty(config, async (text) => {
        const network = Network.fromConfig(text, { seed: 7 });
        const live = engine.liveTensors();
        const { backprop, numeric, size } = await slopeOf(network, engine, { frames: 6, step: 1e-3 });
        expect(Math.abs(backprop - numeric)).toBeLessThan(0.03 * size + 0.03);
        expect(engine.liveTensors()).toBe(live);
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  test('give two sequences together what they give each alone', async () => {
    await assertProperty(
      asyncProperty(config, async (text) => {
        // Batch norm without statistics would refuse to run.
        const model = Network.fromConfig(text.replaceAll('BatchNorm', 'NoOp'), { seed: 7 }).load(engine);
        const frames = 140;
        const size = model.network.inputDim();
        const a = wave(frames * size, 0.31, 1);
        const b = wave(frames * size, 0.53, 1);
        const both = new Float32Array(2 * frames * size);
        for (let t = 0; t < frames; t++) {
          both.set(a.subarray(t * size, (t + 1) * size), 2 * t * size);
          both.set(b.subarray(t * size, (t + 1) * size), (2 * t + 1) * size);
        }
        const together = await outputs(model, both, 2, 9);
        const dim = model.network.outputDim();
        for (const [n, feats] of [a, b].entries()) {
          const alone = await outputs(model, feats, 1, 9);
          for (let t = 0; t < 9; t++)
            for (let c = 0; c < dim; c++)
              expect(Math.abs(together[(2 * t + n) * dim + c]! - alone[t * dim + c]!)).toBeLessThan(1e-4);
        }
        model.dispose();
      }),
      { seed: 3, numRuns: 30 },
    );
  });
});
