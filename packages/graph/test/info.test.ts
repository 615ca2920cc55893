import { existsSync, readdirSync } from 'node:fs';
import { TransitionModel } from '@jebena/hmm';
import {
  AcousticModel,
  Component,
  Network,
  type Propagated,
  acousticModelInfo,
  componentInfo,
  networkInfo,
} from '@jebena/graph';
import { KaldiInput } from '@jebena/io-ark';
import { describe, expect } from 'vitest';
import { shared, testShared as test } from '../../../test/support/shared.js';
import { bytesOf, textOf } from './read-golden.js';

const folder = shared('golden', 'nnet3');
const cases = existsSync(folder) ? readdirSync(folder) : [];

describe('what nnet3-info prints', () => {
  for (const name of cases) {
    test(`of nnet3/${name}`, () => {
      const info = networkInfo(Network.fromBytes(bytesOf('nnet3', name, 'init.raw')));
      expect(info.split('\n')).toEqual(textOf('nnet3', name, 'info.txt').split('\n'));
    });
  }

  test('of every type of component', () => {
    const info = networkInfo(Network.fromBytes(bytesOf('components', 'all.raw')));
    expect(info.split('\n')).toEqual(textOf('components', 'info.txt').split('\n'));
  });

  test('of an acoustic model that was trained', () => {
    const transitions = TransitionModel.read(new KaldiInput(bytesOf('chain', '0.trans_mdl')));
    const model = new AcousticModel(transitions, Network.fromBytes(bytesOf('chain', 'model.raw')));
    // A standard deviation is the difference of two nearly equal sums where all values are alike: noise in both.
    const rough = (text: string): string[] =>
      text
        .split('\n')
        .map((line) => line.replaceAll(/(?<=stddev(?:}=[^,]*,|=))\S+?(?=[\],]|$)|\d+(?:\.\d+)?e-0[5-9]/g, '~'));
    expect(rough(acousticModelInfo(model))).toEqual(rough(textOf('tools', 'am.info.txt')));
  });

  test('of priors', () => {
    const model = AcousticModel.fromBytes(bytesOf('hybrid', 'tdnn.mdl'));
    expect(acousticModelInfo(model)).toMatch(
      /\nprior-dimension: 120\nprior-sum: 1\nprior-min: \S+\nprior-max: \S+\n# Nnet/,
    );
  });

  test('of a component from outside', () => {
    class Negative extends Component {
      static override readonly type = 'NegativeComponent';
      static override readonly fields = [];
      readonly inputDim = 3;
      readonly outputDim = 3;
      configure(): void {}
      propagate(): Propagated {
        throw new Error('not called');
      }
      backprop(): undefined {}
    }
    expect(componentInfo(new Negative())).toBe('NegativeComponent, input-dim=3, output-dim=3');
  });
});
