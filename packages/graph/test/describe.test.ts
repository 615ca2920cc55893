import { readFileSync } from 'node:fs';
import {
  Network,
  describe as describeNetwork,
  describeText,
  networkFromXconfig,
  networkToDot,
  networkToSvg,
} from '@jebena/graph';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const deep = `
  input name=input dim=40
  relu-batchnorm-layer name=tdnn1 dim=64 input=Append(-1,0,1)
  tdnnf-layer name=tdnnf2 dim=64 bottleneck-dim=16 time-stride=3
  tdnnf-layer name=tdnnf3 dim=64 bottleneck-dim=16 time-stride=3
  tdnnf-layer name=tdnnf4 dim=64 bottleneck-dim=16 time-stride=3
  output-layer name=output dim=10`;

describe('a network described', () => {
  const network = networkFromXconfig(deep, { seed: 1 });
  const { layers, ...all } = describeNetwork(network);
  const layer = (name: string) => layers.find((row) => row.name === name)!;

  test('dimensions, parameters, context and multiply-adds', () => {
    expect(layer('tdnn1.affine')).toEqual({
      name: 'tdnn1.affine',
      type: 'NaturalGradientAffine',
      inputDim: 120,
      outputDim: 64,
      parameters: 120 * 64 + 64,
      leftContext: 1,
      rightContext: 1,
      multiplyAdds: 120 * 64,
    });
    expect(layer('tdnnf2.linear')).toMatchObject({ leftContext: 4, rightContext: 1, multiplyAdds: 2 * 64 * 16 });
    expect(all).toMatchObject({ leftContext: network.leftContext, rightContext: network.rightContext });
    expect(all.parameters).toBe(network.parameterCount);
  });

  test('as a table', () => {
    const lines = describeText(describeNetwork(network)).split('\n');
    expect(lines[0]).toMatch(/^node +type +input +output +parameters +context +multiply-adds$/);
    expect(lines.find((line) => line.startsWith('tdnnf2.linear'))).toMatch(/Tdnn +64 +16 +2,048 +-4\.\.1 +2,048$/);
    expect(lines.at(-1)).toMatch(/^all .* -10\.\.10 /);
  });

  test('offsets that cancel, rounding and what may be missing', () => {
    const spans = (input: string): [number, number] => {
      const config = `input-node name=input dim=2\noutput-node name=output input=${input}`;
      const row = describeNetwork(Network.fromConfig(config)).layers.at(-1)!;
      return [row.leftContext, row.rightContext];
    };
    expect(spans('Offset(input, -3)')).toEqual([3, 0]);
    expect(spans('Append(Offset(input, 2), Offset(input, 5))')).toEqual([0, 5]);
    expect(spans('Round(input, 3)')).toEqual([2, 0]);
    expect(spans('Sum(input, IfDefined(Offset(input, -9)))')).toEqual([0, 0]);
  });
});

describe('a picture', () => {
  const network = networkFromXconfig(deep, { seed: 1 });
  const boxes = (dot: string): string[] =>
    Array.from(dot.matchAll(/^ {2}n\d+ \[label="([^"]*)"/gm), (match) => match[1]!);

  test('has a box for each node, or for each layer', () => {
    expect(boxes(networkToDot(network))).toHaveLength(network.nodes.length);
    expect(boxes(networkToDot(network, { short: true }))).toEqual([
      'input\\ndim 40',
      'tdnn1\\naffine → relu → batchnorm',
      'tdnnf2 … tdnnf4 (3 alike)\\nTdnn -3,0 → Tdnn 0,3 → relu\\n→ batchnorm',
      'output\\naffine → LogSoftmax',
      'output\\ndim 10',
    ]);
  });

  test('shows offsets, dimensions and recurrences', async () => {
    const config = `
      input-node name=input dim=4
      component name=a type=AffineComponent input-dim=10 output-dim=2
      component-node name=a component=a input=Append(Offset(input, -1), input, IfDefined(Offset(a, -3)))
      output-node name=output input=a`;
    const dot = networkToDot(Network.fromConfig(config, { seed: 1 }), { title: 'small "net"' });
    expect(dot).toContain('n0 -> n1 [label=" −1, 0: 2 × 4"]');
    expect(dot).toContain('n1 -> n1 [label=" −3: 2", style=dashed, constraint=false');
    const svg = await networkToSvg(Network.fromConfig(config, { seed: 1 }), { title: 'small "net"' });
    expect(svg).toContain('small &quot;net&quot;');
    expect(svg.match(/class="node"/g)).toHaveLength(3);
  });

  testShared("Kaldi's TDNN-F of 4 million parameters in short", async () => {
    const network = networkFromXconfig(readFileSync(shared('golden', 'big.xconfig'), 'utf8'), { seed: 1 });
    expect(describeNetwork(network).parameters).toBe(4_020_336);
    const svg = await networkToSvg(network, { short: true });
    expect(svg).toContain('tdnnf5 … tdnnf7 (3 alike)');
  });
});
