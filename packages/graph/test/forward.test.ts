import { createEngine, type Engine } from '@jebena/engine';
import { forward, type ForwardPassOptions, type Network, readNetworkFile, type Utterance } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';
import { beforeAll, describe, expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, matrices, nnet3Cases } from './read-golden.js';

const engines: Record<string, Engine> = {};
beforeAll(async () => {
  for (const name of ['tfjs-wasm', 'tfjs-cpu'] as const) engines[name] = await createEngine({ engine: name });
});

/** The largest difference of a row, over the row's largest value. */
function distance(a: Matrix, b: Matrix): number {
  expect([a.rows, a.cols]).toEqual([b.rows, b.cols]);
  let worst = 0;
  for (let r = 0; r < a.rows; r++) {
    let largest = 0;
    let apart = 0;
    for (let i = r * a.cols; i < (r + 1) * a.cols; i++) {
      largest = Math.max(largest, Math.abs(b.data[i]!));
      apart = Math.max(apart, Math.abs(a.data[i]! - b.data[i]!));
    }
    worst = Math.max(worst, apart / largest);
  }
  return worst;
}

async function check(
  engine: Engine,
  network: Network,
  feats: Map<string, Matrix | Utterance>,
  expected: Map<string, Matrix>,
  options: Partial<ForwardPassOptions>,
): Promise<void> {
  const live = engine.liveTensors();
  const keys: string[] = [];
  for await (const [key, y] of forward(network, engine, options)(feats)) {
    keys.push(key);
    expect(distance(y, expected.get(key)!)).toBeLessThan(1e-4);
  }
  expect(keys).toEqual([...expected.keys()]);
  expect(engine.liveTensors()).toBe(live);
}

describe("Kaldi's outputs", () => {
  for (const engine of ['tfjs-wasm', 'tfjs-cpu'])
    for (const name of nnet3Cases)
      testShared(`nnet3/${name} on ${engine}`, async () => {
        const network = readNetworkFile(bytesOf('nnet3', name, 'stats.raw'));
        const feats: Map<string, Matrix | Utterance> = await matrices('nnet3', name, 'feats.ark');
        if (name === 'ivector')
          for (const [key, ivectors] of await matrices('nnet3', name, 'ivectors.ark'))
            feats.set(key, { feats: feats.get(key) as Matrix, ivectors });
        const options = { framesPerChunk: 24, onlineIvectorPeriod: 100 };
        await check(engines[engine]!, network, feats, await matrices('nnet3', name, 'out.ark'), options);
      });

  testShared('decode/final.mdl, three times subsampled', async () => {
    const network = readNetworkFile(bytesOf('decode', 'final.mdl'));
    const options = { framesPerChunk: 140, frameSubsamplingFactor: 3 };
    const feats = await matrices('decode', 'feats.ark');
    await check(engines['tfjs-wasm']!, network, feats, await matrices('decode', 'loglikes.ark'), options);
  });

  for (const name of ['tdnn', 'lstmp'])
    testShared(`hybrid/${name}.mdl over whole utterances`, async () => {
      const network = readNetworkFile(bytesOf('hybrid', `${name}.mdl`));
      const feats = await matrices('decode', 'feats.ark');
      const expected = await matrices('hybrid', `${name}.whole.ark`);
      await check(engines['tfjs-wasm']!, network, feats, expected, { framesPerChunk: 10000 });
    });
});
