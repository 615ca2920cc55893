import { type Engine, createEngine } from '@jebena/engine';
import { Network, describe as describeNetwork, forward, networkFromXconfig, networkToDot } from '@jebena/graph';
import { type Matrix } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-cpu' });
});

const inputDim = 6;
const offsets = fc.constantFrom(
  '',
  'input=Append(-1,0,1)',
  'input=Append(-3,0)',
  'input=Append(0,2)',
  'input=Sum([-1]@-1,[-1])',
);
const layer = (line: string, reads: fc.Arbitrary<string> = offsets): fc.Arbitrary<string> =>
  reads.map((input) => `${line} ${input}`);

/** Layers whose output at a frame depends on a window of frames alone. */
const windowed: fc.Arbitrary<string> = fc.oneof(
  layer('relu-layer dim=8'),
  layer('relu-renorm-layer dim=9 add-log-stddev=true'),
  layer('relu-batchnorm-dropout-layer dim=8'),
  layer('relu-batchnorm-so-layer dim=6 bottleneck-dim=3'),
  layer('sigmoid-layer dim=5'),
  layer('prefinal-layer big-dim=10 small-dim=4'),
  layer('tdnnf-layer dim=12 bottleneck-dim=4 bypass-scale=0 time-stride=2'),
  layer('tdnnf-layer dim=8 bottleneck-dim=3 bypass-scale=0 time-stride=1 context=left-only dropout-proportion=0.1'),
  layer(
    'attention-relu-batchnorm-layer num-heads=2 value-dim=2 key-dim=3 num-left-inputs=2 num-right-inputs=1 time-stride=2',
  ),
  layer('linear-component dim=7'),
  layer('spec-augment-layer'),
  layer('scale-component param-stddev=0.5'),
  layer('offset-component param-stddev=0.5'),
  layer('batchnorm-component'),
);

const network: fc.Arbitrary<Network> = fc
  .tuple(fc.array(windowed, { minLength: 1, maxLength: 5 }), fc.nat(1000))
  .map(([lines, seed]) => {
    const named = lines.map((line, i) => line.replace(' ', ` name=l${i} `));
    const made = networkFromXconfig(
      [`input name=input dim=${inputDim}`, ...named, 'output-layer name=output dim=3 param-stddev=0.5'].join('\n'),
      { seed },
    );
    return made.withComponents((component) => {
      if (component.type !== 'BatchNormComponent') return component;
      const ones = new Float32Array((component as unknown as { blockDim: number }).blockDim).fill(1);
      return component.with({ count: 5, mean: ones.map((_, i) => 0.1 * i), variance: ones } as Partial<
        typeof component
      >);
    });
  });

const feats = (rows: number, phase: number): Matrix => ({
  rows,
  cols: inputDim,
  data: Float32Array.from(
    { length: rows * inputDim },
    (_, i) => Math.sin(1.1 * i + phase) + 0.5 * Math.cos(0.07 * i * i),
  ),
});

async function outputs(made: Network, framesPerChunk: number, utterances: readonly Matrix[]): Promise<Float32Array[]> {
  const source = async function* (): AsyncGenerator<[string, Matrix]> {
    for (const [i, utterance] of utterances.entries()) yield [`utt${i}`, utterance];
  };
  return (await collect(forward(made, engine, { framesPerChunk })(source()))).map(([, { data }]) => data);
}

function expectClose(found: Float32Array, wanted: Float32Array): void {
  const size = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  found.forEach((v, i) => expect(Math.abs(v - wanted[i]!)).toBeLessThan(2e-5 * size));
}

describe('random networks of layers that see a window of frames', () => {
  test('chunks of the saved network give what whole utterances give, together or alone', async () => {
    await fc.assert(
      fc.asyncProperty(network, async (made) => {
        const both = [feats(23, 0), feats(23, 1)];
        const whole = await outputs(made, 23, both);
        const parts = await outputs(Network.fromBytes(made.toBytes()), 7, both.slice(0, 1));
        expectClose(parts[0]!, whole[0]!);
        expectClose((await outputs(made, 23, both.slice(1)))[0]!, whole[1]!);
        expect(describeNetwork(made)).toMatchObject({ leftContext: made.leftContext, rightContext: made.rightContext });
        expect(networkToDot(made, { short: true })).toContain('->');
      }),
      { numRuns: 8, seed: 20_251 },
    );
    expect(engine.liveTensors()).toBe(0);
  });
});
