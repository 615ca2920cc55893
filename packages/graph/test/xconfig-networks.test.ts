import { readFileSync } from 'node:fs';
import { type Engine, createEngine } from '@jebena/engine';
import {
  Network,
  componentInfo,
  describe as describeNetwork,
  forward,
  infoToDot,
  networkFromXconfig,
  networkInfo,
  networkToDot,
  networkToSvg,
  xconfigToConfigs,
} from '@jebena/graph';
import { collect } from '@jebena/stream';
import { beforeAll, describe, expect, test } from 'vitest';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-cpu' });
});

/** Batch norm wants statistics before it can be used without training. */
const withStatistics = (network: Network): Network =>
  network.withComponents((component) => {
    if (component.type !== 'BatchNormComponent') return component;
    const sums = new Float32Array((component as unknown as { blockDim: number }).blockDim).fill(1);
    return component.with({ count: 10, mean: sums.map(() => 0.1), variance: sums } as Partial<typeof component>);
  });

const wave = (rows: number, cols: number) => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(1.3 * i) + Math.cos(0.11 * i * i)),
});

async function compute(network: Network, frames: number): Promise<Float32Array> {
  const ivectors = network.hasNode('ivector') ? wave(1, network.inputDim('ivector')) : undefined;
  const source = async function* () {
    yield ['utterance', { feats: wave(frames, network.inputDim()), ivectors }] as [
      string,
      { feats: ReturnType<typeof wave>; ivectors: ReturnType<typeof wave> | undefined },
    ];
  };
  const [item] = await collect(forward(withStatistics(network), engine, { framesPerChunk: frames })(source()));
  expect(item![1]).toMatchObject({ rows: frames, cols: network.outputDim() });
  return item![1].data;
}

const cases = JSON.parse(readFileSync(`${import.meta.dirname}/fixtures/xconfig-digests.json`, 'utf8')) as Record<
  string,
  { xconfig: string[] }
>;

describe('the network of every layer is made, saved, told, drawn and computed', () => {
  for (const [name, { xconfig }] of Object.entries(cases)) {
    test(`${name}`, async () => {
      const { ref, files } = xconfigToConfigs(xconfig.join('\n'));
      const network = Network.fromConfig(ref, { seed: 1, file: (path) => new TextEncoder().encode(files[path]) });
      const bytes = network.toBytes();
      expect(Buffer.compare(Network.fromBytes(bytes).toBytes(), bytes)).toBe(0);
      for (const component of network.components.values()) expect(componentInfo(component)).toContain(component.type);
      expect(describeNetwork(network).parameters).toBe(network.parameterCount);
      expect(networkToDot(network, { short: true })).toContain('->');
      expect(infoToDot(networkInfo(network))).toContain('digraph');
      // One case reads a row of another x, which a table of features does not have; variants of one layer compute alike.
      if (name === 'desc' || /\.[cos]$/.test(name)) return;
      const values = await compute(network, 24);
      expect(values.every(Number.isFinite)).toBe(true);
    });
  }
});

test('a whole TDNN-F with an LSTMP: what is saved computes the same, and the picture holds its layers', async () => {
  const network = networkFromXconfig(
    `input name=ivector dim=4
     input name=input dim=12
     idct-layer name=idct dim=12 cepstral-lifter=22 affine-transform-file=idct.mat
     batchnorm-component name=bn
     spec-augment-layer name=augment
     relu-batchnorm-dropout-layer name=tdnn1 dim=24 input=Append(-1,0,1,ReplaceIndex(ivector, t, 0)) dropout-proportion=0.1
     tdnnf-layer name=tdnnf2 dim=24 bottleneck-dim=6 time-stride=1 dropout-proportion=0.1
     tdnnf-layer name=tdnnf3 dim=24 bottleneck-dim=6 time-stride=3
     fast-lstmp-layer name=lstm1 cell-dim=16 delay=-3 decay-time=20 dropout-proportion=0.2
     prefinal-layer name=prefinal small-dim=8 big-dim=20
     output-layer name=output dim=7 output-delay=2
     output-layer name=output-xent dim=7 learning-rate-factor=0.5 input=prefinal`,
    { seed: 4 },
  );
  const [whole, again] = [
    await compute(network, 40),
    await compute(Network.fromBytes(network.toBytes({ binary: false })), 40),
  ];
  whole.forEach((value, i) => expect(again[i]).toBeCloseTo(value, 4));
  const svg = await networkToSvg(network, { short: true });
  for (const layer of ['idct', 'tdnn1', 'tdnnf2', 'lstm1', 'prefinal', 'output-xent'])
    expect(svg.replaceAll('&#45;', '-')).toContain(layer);
});
