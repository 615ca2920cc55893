import { createEngine, type Engine } from '@jebena/engine';
import { componentTypes, Network } from '@jebena/graph';
import { testComponent, type TestComponentOptions } from '@jebena/graph/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, textOf } from './read-golden.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-wasm' });
});

const files: Record<string, string> = {
  'm.mat': '[ 1 2 3 0.5\n 0 -1 2 0.25 ]\n',
  'v.vec': ' [ 0.5 -1.5 2 ]\n',
};
const file = (path: string): Uint8Array => new TextEncoder().encode(files[path]!);

const cases: [line: string, options?: TestComponentOptions][] = [
  ['type=SigmoidComponent dim=6 block-dim=3'],
  ['type=TanhComponent dim=6'],
  ['type=RectifiedLinearComponent dim=6'],
  ['type=SoftmaxComponent dim=6'],
  ['type=LogSoftmaxComponent dim=6'],
  ['type=AffineComponent input-dim=4 output-dim=3'],
  ['type=AffineComponent matrix=m.mat'],
  ['type=NaturalGradientAffineComponent input-dim=4 output-dim=3'],
  ['type=LinearComponent input-dim=4 output-dim=3'],
  ['type=FixedAffineComponent matrix=m.mat'],
  ['type=FixedScaleComponent scales=v.vec'],
  ['type=FixedBiasComponent bias=v.vec'],
  ['type=PerElementScaleComponent vector=v.vec'],
  ['type=NaturalGradientPerElementScaleComponent dim=5 param-stddev=0.3'],
  ['type=PerElementOffsetComponent dim=6 block-dim=3 param-stddev=0.3'],
  ['type=NoOpComponent dim=3'],
  ['type=NoOpComponent dim=3 backprop-scale=0.5', { gradients: false }],
  ['type=ElementwiseProductComponent input-dim=9 output-dim=3'],
  ['type=PermuteComponent column-map=3,1,0,2'],
  ['type=DropoutComponent dim=6 dropout-proportion=0.3'],
  ['type=DropoutComponent dim=6 dropout-proportion=0.3 dropout-per-frame=true'],
  ['type=GeneralDropoutComponent dim=6 block-dim=3 dropout-proportion=0.3'],
  ['type=GeneralDropoutComponent dim=6 block-dim=3 time-period=2 dropout-proportion=0.3 continuous=true'],
  ['type=GeneralDropoutComponent dim=9 specaugment-max-proportion=0.5 specaugment-max-regions=2'],
  ['type=SpecAugmentTimeMaskComponent dim=3 zeroed-proportion=0.3 time-mask-max-frames=2'],
  ['type=DropoutMaskComponent output-dim=3 dropout-proportion=0.3'],
  ['type=BackpropTruncationComponent dim=3 scale=0.9 clipping-threshold=1000 zeroing-threshold=1000'],
  ['type=NormalizeComponent dim=8 block-dim=4 target-rms=0.5 add-log-stddev=true'],
  ['type=NormalizeComponent dim=5'],
  ['type=BatchNormComponent dim=6 block-dim=3 target-rms=0.5', { looped: false }],
  ['type=LstmNonlinearityComponent cell-dim=3'],
  ['type=LstmNonlinearityComponent cell-dim=3 use-dropout=true'],
  ['type=GruNonlinearityComponent cell-dim=3'],
  ['type=GruNonlinearityComponent cell-dim=4 recurrent-dim=2'],
  ['type=OutputGruNonlinearityComponent cell-dim=3'],
  ['type=TdnnComponent input-dim=4 output-dim=3 time-offsets=-2,0,3'],
  ['type=TdnnComponent input-dim=2 output-dim=7 time-offsets=-1,0,1 use-bias=false'],
  [
    'type=TimeHeightConvolutionComponent num-filters-in=2 num-filters-out=3 height-in=6 height-out=3 ' +
      'height-subsample-out=2 height-offsets=-1,0,1 time-offsets=-1,0,1 bias-stddev=0.3',
  ],
  [
    'type=TimeHeightConvolutionComponent num-filters-in=1 num-filters-out=2 height-in=4 height-out=4 ' +
      'offsets=0,0;1,1;-1,-1 required-time-offsets=0',
    { looped: false },
  ],
  [
    'type=RestrictedAttentionComponent num-heads=2 key-dim=3 value-dim=4 num-left-inputs=2 num-right-inputs=1 ' +
      'time-stride=2 num-left-inputs-required=1',
  ],
  [
    'type=RestrictedAttentionComponent key-dim=2 value-dim=3 num-left-inputs=1 num-right-inputs=1 ' +
      'num-right-inputs-required=0 output-context=false',
    { looped: false },
  ],
  ['type=StatisticsExtractionComponent input-dim=3 input-period=1 output-period=1', { stride: 1 }],
  ['type=StatisticsExtractionComponent input-dim=3 output-period=3', { stride: 3, looped: false }],
  [
    'type=StatisticsPoolingComponent input-dim=7 left-context=2 right-context=0 num-log-count-features=0 ' +
      'output-stddevs=false',
    // Counts below 0, which made-up data have, leave nothing to take a deviation of.
    { gradients: false },
  ],
];

describe('each core component: files, gradients, streams', () => {
  test.each(cases)('%s', (line, options) => testComponent(line, engine, { file, ...options }));
});

describe('statistics over time', () => {
  test('extraction and pooling together have the numeric gradients', async () => {
    const { slopeOf } = await import('@jebena/graph/testing');
    const network = Network.fromConfig(
      `input-node name=input dim=3
       component name=e type=StatisticsExtractionComponent input-dim=3 output-period=2
       component-node name=e component=e input=input
       component name=p type=StatisticsPoolingComponent input-dim=7 input-period=2 left-context=4 right-context=2 num-log-count-features=2 output-stddevs=true
       component-node name=p component=p input=e
       output-node name=output input=Round(p, 2)`,
    );
    const { backprop, numeric, size } = await slopeOf(network, engine, { step: 1e-3 });
    expect(Math.abs(backprop - numeric)).toBeLessThan(0.02 * size);
  });
});

testShared('one of each component is read and written back byte for byte, in both forms', () => {
  const binary = bytesOf('components', 'all.raw');
  expect(Buffer.compare(Network.fromBytes(binary).toBytes(), binary)).toBe(0);
  const text = bytesOf('components', 'all.txt');
  expect(Buffer.compare(Network.fromBytes(text).toBytes({ binary: false }), text)).toBe(0);
  expect(new Set(Array.from(Network.fromBytes(binary).components.values(), (c) => c.type))).toEqual(
    new Set(componentTypes()),
  );
});

testShared('one of each component is made of its config line', () => {
  const files = (path: string): Uint8Array => bytesOf('components', path);
  const made = Network.fromConfig(textOf('components', 'all.config'), { seed: 1, file: files });
  const read = Network.fromBytes(bytesOf('components', 'all.raw'));
  expect(Array.from(made.components, ([name, c]) => [name, c.type, c.inputDim, c.outputDim])).toEqual(
    Array.from(read.components, ([name, c]) => [name, c.type, c.inputDim, c.outputDim]),
  );
});
