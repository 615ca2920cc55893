import { KaldiIoError } from '@jebena/io-ark';
import { AcousticModel, Network, NetworkError, readNetworkFile } from '@jebena/graph';
import { assert as assertProperty, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf } from './read-golden.js';

const good = `
input-node name=input dim=3
component name=a type=NaturalGradientAffineComponent input-dim=6 output-dim=2
component-node name=a component=a input=Append(input, Offset(input, -1))
component name=r type=RectifiedLinearComponent dim=2
component-node name=r component=r input=a
output-node name=output input=r
`;

describe('a config that cannot be', () => {
  test.each([
    [
      'an unknown key',
      good.replace('dim=2\ncomponent-node name=r', 'dim=2 colour=red\ncomponent-node name=r'),
      /config line 5, 'r': unknown key colour=red; expected .*dim/,
    ],
    [
      'an unknown component',
      good.replace('RectifiedLinear', 'RectifidLinear'),
      /config line 5, 'r': expected a known component type, found RectifidLinearComponent/,
    ],
    [
      'an unknown directive',
      `${good}hidden-node name=h input=r`,
      /config line 8, 'h': expected component, .* found 'hidden-node'/,
    ],
    [
      'a dim that does not fit',
      good.replace('input-dim=6', 'input-dim=7'),
      /'a': expected an input of dim 7 \(component a\), found 6 in Append/,
    ],
    [
      'terms of different dims',
      good.replace('input=a\n', 'input=Sum(a, input)\n'),
      /'r': expected terms of one dim, found 2 and 3/,
    ],
    ['an unknown node', good.replace('input=a\n', 'input=b\n'), /'r': expected a known node in b, found 'b'/],
    [
      'an unknown component name',
      good.replace('component=r', 'component=q'),
      /'r': expected a known component, found component=q/,
    ],
    [
      'a cycle without delay',
      good.replace('input=a\n', 'input=Sum(a, r)\n'),
      /'r': expected a delay in every cycle, found none in r <- r/,
    ],
    [
      'a longer cycle',
      good.replace('Offset(input, -1))', 'r)').replace('input-dim=6', 'input-dim=5'),
      /expected a delay in every cycle, found none in a <- r <- a/,
    ],
    [
      'an output read',
      good.replace('input=a\n', 'input=output\n'),
      /'r': expected no output node in a descriptor, found 'output'/,
    ],
    [
      'a second node of a name',
      `${good}input-node name=r dim=3`,
      /config line 8, 'r': expected one node called r, found a second/,
    ],
    ['no output', good.replace(/output-node.*/, ''), /expected an output-node, found none/],
    [
      'an unfinished descriptor',
      good.replace('Offset(input, -1))', 'Offset(input, -1)'),
      /config line 4, 'a': expected '\)', found the end/,
    ],
    ['an unknown descriptor', good.replace('Append(', 'Apend('), /expected one of Append, .* found 'Apend'/],
    [
      'a missing key',
      good.replace(' output-dim=2', ''),
      /config line 3, 'a': expected output-dim=<integer>, found none/,
    ],
    ['a file that is not to be read', good.replace('input-dim=6 output-dim=2', 'matrix=m.mat'), /option file/],
    [
      'columns out of range',
      `${good}dim-range-node name=d input-node=a dim-offset=1 dim=2`,
      /'d': expected columns within the 2 of a, found 1 to 2/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => Network.fromConfig(text)).toThrow(NetworkError);
    expect(() => Network.fromConfig(text)).toThrow(message);
  });

  test('the good one is good', () => {
    expect(Network.fromConfig(good).outputDim()).toBe(2);
  });
});

describe('a torn file', () => {
  const network = Network.fromConfig(
    `${good}
    component name=b type=BatchNormComponent dim=2
    component-node name=b component=b input=r
    component name=t type=TdnnComponent input-dim=2 output-dim=2 time-offsets=-1,1
    component-node name=t component=t input=b
    output-node name=output-t input=t`,
    { seed: 1 },
  );
  for (const binary of [true, false])
    test(`at every byte, ${binary ? 'binary' : 'text'}: says where`, () => {
      const bytes = network.toBytes({ binary });
      // The last bytes are white space, which may be missing.
      const end = bytes.length - (binary ? 1 : 2);
      for (let length = 0; length < end; length++) {
        let error: unknown;
        try {
          Network.fromBytes(bytes.slice(0, length), 'torn.raw');
        } catch (thrown) {
          error = thrown;
        }
        expect(error, `cut at byte ${length}`).toBeInstanceOf(Error);
        if (!(error instanceof KaldiIoError) && !(error instanceof NetworkError)) throw error;
        if (error instanceof KaldiIoError)
          expect(error.message).toMatch(/^torn\.raw, byte \d+: expected .+, found .+/s);
      }
    });

  test('with bytes changed: reads, or says what is wrong, and never anything else', () => {
    const bytes = network.toBytes();
    assertProperty(
      property(nat(bytes.length - 1), nat(255), (at, value) => {
        const changed = bytes.slice();
        changed[at] = value;
        try {
          Network.fromBytes(changed, 'changed.raw');
        } catch (error) {
          if (!(error instanceof KaldiIoError) && !(error instanceof NetworkError)) throw error;
        }
      }),
      { seed: 11, numRuns: 1500 },
    );
  });

  test('an unknown component: the byte, the name', () => {
    const text = new TextDecoder()
      .decode(network.toBytes({ binary: false }))
      .replace('<BatchNormComponent>', '<BachNormComponent>');
    expect(() => Network.fromBytes(new TextEncoder().encode(text), 'n.raw')).toThrow(
      /^n\.raw, byte \d+: expected a component, .* found "<BachNormComponent>"/,
    );
  });

  testShared('an acoustic model torn here and there', () => {
    const bytes = bytesOf('hybrid', 'tdnn.mdl');
    for (let cut = 3; cut < bytes.length; cut += Math.ceil(bytes.length / 300)) {
      expect(() => AcousticModel.fromBytes(bytes.subarray(0, cut), 'torn.mdl')).toThrow(/^torn\.mdl, /);
      expect(() => readNetworkFile(bytes.subarray(0, cut), 'torn.mdl')).toThrow(/^torn\.mdl, /);
    }
  });
});
