import type { Engine, EngineName } from '@jebena/engine';
import { addonFolder, createEngine } from '@jebena/engine/node';
import {
  forward,
  type ForwardPassOptions,
  Network,
  readNetworkFile,
  setBatchNormTestMode,
  type Utterance,
} from '@jebena/graph';
import { wave } from '@jebena/graph/testing';
import { type Matrix, matrix } from '@jebena/io-ark';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { beforeAll, describe, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, matrices, nnet3Cases } from './read-golden.js';

// Where libtensorflow is not set up, its part is skipped. Plain JavaScript takes long: it does a case of each kind.
const names: EngineName[] = ['tfjs-wasm', 'tfjs-cpu', ...(addonFolder() === undefined ? [] : ['tensorflow' as const])];
const kinds = ['tdnnf', 'lstmp', 'cnn', 'attention', 'stats', 'descriptors'];
const engines: Record<string, Engine> = {};
beforeAll(async () => {
  for (const engine of names) engines[engine] = await createEngine({ engine, log: () => undefined });
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
  for (const engine of names)
    for (const name of engine === 'tfjs-cpu' ? kinds : nnet3Cases)
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

describe('the forward pass as a stage', () => {
  const network = Network.fromConfig(
    `input-node name=input dim=3
     component name=a type=AffineComponent input-dim=6 output-dim=2
     component-node name=a component=a input=Append(Offset(input, -1), Offset(input, 1))
     output-node name=output input=a`,
  );
  const utterance = (key: string, rows: number): [string, Matrix] => [key, matrix(rows, 3, wave(rows * 3, 0.3, 1))];
  const items = [utterance('a', 7), utterance('b', 20), utterance('c', 7), utterance('d', 1)];

  test('keeps the contract of stages', async () => {
    const engine = engines['tfjs-wasm']!;
    await testStage({
      make: (options) => forward(network, engine, { ...options, framesPerChunk: 5, minibatchSize: 2 }),
      items,
      abortable: true,
      live: () => engine.liveTensors(),
    });
  });

  test('runs inside a pipe, subtracts priors and scales', async () => {
    const engine = engines['tfjs-wasm']!;
    const plain = await pipe(items, forward(network, engine), (source) => all(source));
    const scaled = await pipe(
      items,
      forward(network, engine, { priors: Float32Array.of(0.25, 0.75), acousticScale: 0.5, framesPerChunk: 3 }),
      (source) => all(source),
    );
    expect(plain.map(([key, y]) => [key, y.rows])).toEqual(items.map(([key, x]) => [key, x.rows]));
    for (const [i, [, y]] of scaled.entries())
      y.data.forEach((v, k) =>
        expect(v).toBeCloseTo(0.5 * (plain[i]![1].data[k]! - Math.log(k % 2 === 0 ? 0.25 : 0.75)), 5),
      );
  });

  test('refuses features and priors of another dimension', async () => {
    const engine = engines['tfjs-wasm']!;
    const wrong: [string, Matrix][] = [['utt', matrix(4, 2)]];
    await expect(all(forward(network, engine)(wrong))).rejects.toThrow("'utt': expected features of dim 3, found 2");
    await expect(all(forward(network, engine, { priors: new Float32Array(3) })(items))).rejects.toThrow(
      'expected 2 priors, found 3',
    );
    expect(() => forward(network, engine, { framesPerChunk: 0 })).toThrow(/expected at least 1/);
  });
});

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

test('batch norm in test mode serves one pass of training after another', async () => {
  const engine = engines['tfjs-cpu']!;
  const config = `input-node name=input dim=2
component name=b type=BatchNormComponent dim=2
component-node name=b component=b input=input
output-node name=output input=b`;
  const gathering = Network.fromConfig(config).load(engine);
  const io = { first: 0, count: 3, stride: 1 };
  const request = { sequences: 1, inputs: [{ ...io, name: 'input' }], outputs: [{ ...io, name: 'output' }] };
  const data = Float32Array.of(1, 2, 3, 5, 8, 13);
  const run = (model: typeof gathering, storeStatistics: boolean): Float32Array =>
    engine.tidy(() => {
      const pass = model
        .compute(request)
        .forward({ input: engine.tensor(3, 2, data) }, { training: true, storeStatistics });
      const y = Float32Array.from(engine.readSync!(pass.output('output')));
      pass.backward({ output: engine.tensor(3, 2, data) }, () => undefined);
      pass.dispose();
      return y;
    });
  const live = run(gathering, true);
  const still = setBatchNormTestMode(await gathering.save(), true).load(engine);
  for (let pass = 0; pass < 3; pass++) run(still, false).forEach((y, i) => expect(y).toBeCloseTo(live[i]!, 4));
  still.dispose();
  gathering.dispose();
});
