import {
  AcousticModel,
  Network,
  combineNetworks,
  editNetwork,
  networkFromXconfig,
  repeatedToBlockAffine,
  scaleNetwork,
  setDropoutTestMode,
  setLearningRate,
} from '@jebena/graph';
import { describe, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, textOf } from './read-golden.js';

/** Tokens and numbers of a model's text, without the orthonormal constraints. */
const words = (text: string): string[] =>
  text
    .replaceAll(/<OrthonormalConstraint> \S+ /g, '')
    .split(/\s+/)
    .filter(Boolean);

/**
 * Kaldi's files were made of the same network before a passage through text, which moved its numbers in the last
 * digit, and before the orthonormal constraints were taken out.
 */
function expectSame(network: Network, name: string): void {
  const [found, wanted] = [network.toBytes({ binary: false }), textOf('tools', name)].map((text) =>
    words(typeof text === 'string' ? text : new TextDecoder().decode(text)),
  );
  expect(found).toHaveLength(wanted!.length);
  found!.forEach((word, i) => {
    const [a, b] = [Number(word), Number(wanted![i])];
    if (Number.isNaN(a) || Number.isNaN(b)) expect(word).toBe(wanted![i]);
    else
      expect(Math.abs(a - b), `word ${i}: ${word}, wanted ${wanted![i]}`).toBeLessThanOrEqual(
        2e-6 * Math.abs(b) + 1e-12,
      );
  });
}

describe('models that Kaldi edited, scaled and averaged', () => {
  const stats = (): Network => Network.fromBytes(bytesOf('nnet3', 'tdnnf', 'stats.raw'));
  for (const [name, edits] of [
    ['edits1.txt', 'set-learning-rate name=*.affine learning-rate=0.005'],
    ['edits2.txt', 'set-learning-rate-factor name=tdnnf* learning-rate-factor=0.25'],
    ['edits3.txt', 'set-dropout-proportion name=* proportion=0.3'],
    ['edits4.txt', 'rename-node old-name=output new-name=output-old'],
    ['edits6.txt', 'convert-to-fixed-affine name=tdnn1.affine'],
  ] as const) {
    testShared(`${name}: ${edits}`, () => expectSame(editNetwork(stats(), edits), name));
  }
  testShared('scaled.txt', () => expectSame(scaleNetwork(stats(), 0.5), 'scaled.txt'));
  testShared('average.txt and average-weighted.txt', () => {
    const both = [stats(), Network.fromBytes(bytesOf('tools', 'scaled.txt'))];
    expectSame(combineNetworks(both, [0.5, 0.5]), 'average.txt');
    expectSame(combineNetworks(both, [0.25, 0.75]), 'average-weighted.txt');
  });
  testShared('an acoustic model with another network is written as Kaldi reads it', () => {
    const model = AcousticModel.fromBytes(bytesOf('hybrid', 'tdnn.mdl'));
    const edited = model.with({ network: editNetwork(model.network, 'set-learning-rate learning-rate=0.5') });
    const again = AcousticModel.fromBytes(edited.toBytes());
    expect(again.priors).toEqual(model.priors);
    expect(again.network.parameterCount).toBe(model.network.parameterCount);
  });
});

const xconfig = `
  input name=input dim=10
  relu-batchnorm-dropout-layer name=a dim=12 learning-rate-factor=0.5
  linear-component name=l dim=6
  output-layer name=output dim=5
  output-layer name=output-xent dim=5 input=l`;
const make = (): Network => networkFromXconfig(xconfig, { seed: 2 });
const names = (network: Network): string[] => network.nodes.map((node) => node.name);

describe('edits', () => {
  test('learning rates take the factor in, and the log tells how many', () => {
    const log: string[] = [];
    const edited = editNetwork(
      make(),
      'set-learning-rate name=*affine learning-rate=0.1 # slow\nset-dropout-proportion proportion=0.25',
      {
        log: (text) => log.push(text),
      },
    );
    expect(edited.component('a.affine')).toMatchObject({ learningRate: Math.fround(0.05) });
    expect(edited.component('l')).toMatchObject({ learningRate: 0.001 });
    expect(edited.component('a.dropout')).toMatchObject({ dropoutProportion: 0.25 });
    expect(log).toEqual(['Set learning rates for 3 components.', 'Set dropout proportions for 1 components.']);
    expect(setLearningRate(make(), 2).component('a.affine')).toMatchObject({ learningRate: 1 });
    expect(setDropoutTestMode(make(), true).component('a.dropout')).toMatchObject({ testMode: true });
  });

  test('outputs and what only they needed are removed', () => {
    const without = editNetwork(make(), 'remove-output-nodes name=*-xent\nremove-orphans');
    expect(names(without)).toEqual(names(make()).filter((name) => !name.startsWith('output-xent')));
    expect([...without.components.keys()].some((name) => name.startsWith('output-xent'))).toBe(false);
    expect(() => editNetwork(make(), 'remove-output-nodes name=out*')).toThrow('expected an output to be left');
  });

  test('a renamed node is renamed where it is read', () => {
    const renamed = editNetwork(make(), 'rename-node old-name=l new-name=narrow');
    expect(renamed.nodeLines().filter((line) => line.includes('input=narrow'))).toHaveLength(2);
    expect(() => editNetwork(make(), 'rename-node old-name=x new-name=y')).toThrow("none called 'x'");
    expect(() => editNetwork(make(), 'rename-node old-name=l new-name=output')).toThrow("found 'output' taken");
  });

  /** What an affine component and the one that took its place make of a vector. */
  const through = (network: Network, components: readonly string[], x: readonly number[]): number[] =>
    components.reduce<number[]>(
      (values, name) => {
        const { linear, bias } = network.component(name) as unknown as {
          linear: { rows: number; cols: number; data: Float32Array };
          bias?: Float32Array;
        };
        return Array.from({ length: linear.rows }, (_, r) =>
          values.reduce((sum, v, c) => sum + v * linear.data[r * linear.cols + c]!, bias?.[r] ?? 0),
        );
      },
      [...x],
    );
  const x = Array.from({ length: 10 }, (_, i) => Math.sin(i));

  test('apply-svd splits a component and its nodes; of full energy nothing is lost', () => {
    const whole = editNetwork(make(), 'apply-svd name=a.affine energy-threshold=0.9999999 shrinkage-threshold=2');
    expect(whole.nodeLines()).toContain('component-node name=a.affine_b component=a.affine_b input=a.affine_a');
    expect(whole.nodeLines()).toContain('component-node name=a.relu component=a.relu input=a.affine_b');
    expect(whole.component('a.affine_a').outputDim).toBe(10);
    const found = through(whole, ['a.affine_a', 'a.affine_b'], x);
    through(make(), ['a.affine'], x).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4));
    expect(Network.fromBytes(whole.toBytes()).nodeLines()).toEqual(whole.nodeLines());
    expect(editNetwork(make(), 'apply-svd name=a.affine bottleneck-dim=3').component('a.affine_a').outputDim).toBe(3);
    expect(() => editNetwork(make(), 'apply-svd name=a.affine')).toThrow('expected bottleneck-dim or energy-threshold');
  });

  test('reduce-rank keeps the shape', () => {
    const log: string[] = [];
    const reduced = editNetwork(make(), 'reduce-rank name=* rank=9', { log: (text) => log.push(text) });
    expect(reduced.component('a.affine').inputDim).toBe(10);
    expect(log.at(-1)).toBe('Reduced rank of parameters of 1 components.');
    const twice = editNetwork(
      editNetwork(make(), 'reduce-rank name=a.affine rank=2'),
      'reduce-rank name=a.affine rank=2',
    );
    const [once, again] = [editNetwork(make(), 'reduce-rank name=a.affine rank=2'), twice].map((n) =>
      through(n, ['a.affine'], x),
    );
    once!.forEach((value, i) => expect(again![i]).toBeCloseTo(value, 5));
  });

  test('an edit that is none', () => {
    expect(() => editNetwork(make(), '\nset-rate name=a')).toThrow(
      /^config line 2, 'a': expected convert-to-fixed-affine, .*found 'set-rate'$/,
    );
    expect(() => editNetwork(make(), 'set-learning-rate name=a')).toThrow(
      'expected learning-rate=<number>, found none',
    );
    expect(() => editNetwork(make(), 'set-learning-rate learning-rate=1 nam=b')).toThrow('unknown key nam=b');
  });
});

test('repeated affines become blocks of the same output', () => {
  const config = `component name=r type=RepeatedAffineComponent num-repeats=2 input-dim=6 output-dim=4 bias-stddev=1 learning-rate=0.3
    input-node name=input dim=6\ncomponent-node name=r component=r input=input\noutput-node name=output input=r`;
  const block = repeatedToBlockAffine(Network.fromConfig(config, { seed: 1 })).component('r');
  expect(block).toMatchObject({ type: 'BlockAffineComponent', inputDim: 6, outputDim: 4, learningRate: 0.3 });
  const { linear } = block as unknown as { linear: { data: Float32Array } };
  expect(linear.data.subarray(0, 6)).toEqual(linear.data.subarray(6));
});

test('networks that differ cannot be averaged', () => {
  const other = networkFromXconfig(xconfig.replace('dim=12', 'dim=14'), { seed: 2 });
  expect(() => combineNetworks([make(), other], [0.5, 0.5])).toThrow(
    "'a.affine': expected linear of 12 x 10, found 14 x 10",
  );
});
