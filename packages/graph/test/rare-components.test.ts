import { Network } from '@jebena/graph';
import { describe, expect, test } from 'vitest';
import { type CheckOptions, checkComponent } from './check-component.js';

const cases: [line: string, options?: CheckOptions][] = [
  ['type=PnormComponent input-dim=12 output-dim=4'],
  ['type=SumGroupComponent sizes=2,3,1'],
  ['type=SumGroupComponent input-dim=6 output-dim=3'],
  ['type=SumBlockComponent input-dim=8 output-dim=4 scale=0.5'],
  ['type=RepeatedAffineComponent num-repeats=3 input-dim=9 output-dim=6 bias-stddev=0.5'],
  ['type=NaturalGradientRepeatedAffineComponent num-repeats=2 input-dim=8 output-dim=6'],
  ['type=BlockAffineComponent num-blocks=2 input-dim=8 output-dim=6'],
  ['type=ScaleAndOffsetComponent dim=8 block-dim=4'],
  ['type=ScaleAndOffsetComponent dim=5 use-natural-gradient=false rank=3'],
  ['type=ConstantFunctionComponent input-dim=4 output-dim=5 output-mean=0.3 output-stddev=0.1 max-change=0.75'],
  ['type=ConstantFunctionComponent input-dim=4 output-dim=5 is-updatable=false'],
  ['type=ConstantComponent output-dim=5 output-mean=0.1 output-stddev=0.2'],
  ['type=ClipGradientComponent dim=4 clipping-threshold=100 norm-based-clipping=true'],
  ['type=ClipGradientComponent dim=4 clipping-threshold=100 self-repair-scale=0'],
  [
    'type=ConvolutionComponent input-x-dim=4 input-y-dim=3 input-z-dim=2 filt-x-dim=2 filt-y-dim=1 filt-x-step=2 ' +
      'filt-y-step=2 num-filters=3',
  ],
  [
    'type=ConvolutionComponent input-x-dim=3 input-y-dim=3 input-z-dim=2 filt-x-dim=2 filt-y-dim=2 filt-x-step=1 ' +
      'filt-y-step=1 num-filters=2 input-vectorization-order=yzx',
  ],
  [
    'type=MaxpoolingComponent input-x-dim=4 input-y-dim=3 input-z-dim=2 pool-x-size=2 pool-y-size=3 pool-z-size=1 ' +
      'pool-x-step=2 pool-y-step=3 pool-z-step=1',
  ],
  [
    'type=MaxpoolingComponent input-x-dim=4 input-y-dim=1 input-z-dim=1 pool-x-size=2 pool-y-size=1 pool-z-size=1 ' +
      'pool-x-step=1 pool-y-step=1 pool-z-step=1',
  ],
  [
    "type=CompositeComponent num-components=3 component1='type=AffineComponent input-dim=4 output-dim=5' " +
      "component2='type=TanhComponent dim=5' component3='type=LinearComponent input-dim=5 output-dim=3'",
  ],
  ['type=DistributeComponent input-dim=6 output-dim=3', { input: 'ReplaceIndex(input, x, 0)' }],
];

describe('components that few recipes use: files, and gradients by steps', () => {
  test.each(cases)('%s', (line, options) => checkComponent(line, options));
});

describe('a component that cannot be', () => {
  const make = (line: string) => () =>
    Network.fromConfig(`component name=c ${line}\ninput-node name=input dim=1\noutput-node name=output input=input`);
  test.each([
    ['type=PnormComponent input-dim=10 output-dim=4', 'expected input-dim a multiple of output-dim=4, found 10'],
    ['type=SumGroupComponent sizes=2,0', 'expected sizes above 0, found 2,0'],
    [
      'type=BlockAffineComponent num-blocks=3 input-dim=9 output-dim=4',
      'expected output-dim a multiple of num-blocks=3',
    ],
    ['type=ScaleAndOffsetComponent dim=8 block-dim=3', 'expected block-dim to divide dim=8, found 3'],
    ['type=ClipGradientComponent dim=8 clipping-threshold=-1', 'expected clipping-threshold of at least 0, found -1'],
    [
      "type=CompositeComponent num-components=2 component1='type=NoOpComponent dim=3' component2='type=NoOpComponent dim=4'",
      'NoOpComponent of 3 outputs before NoOpComponent of 4 inputs',
    ],
    [
      "type=CompositeComponent num-components=1 component1='type=TdnnComponent input-dim=3 output-dim=3 time-offsets=0'",
      'TdnnComponent, which is not simple',
    ],
  ])('%s', (line, message) => {
    expect(make(line)).toThrow(message);
  });
});
