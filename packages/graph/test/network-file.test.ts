import { describe, expect } from 'vitest';
import { AcousticModel, Network, readNetworkFile } from '@jebena/graph';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, nnet3Cases as cases, textOf } from './read-golden.js';

describe('a raw network', () => {
  for (const name of cases)
    for (const file of ['init', 'stats'])
      for (const form of ['raw', 'txt'])
        testShared(`nnet3/${name}/${file}.${form} is written back byte for byte`, () => {
          const bytes = bytesOf('nnet3', name, `${file}.${form}`);
          const network = Network.fromBytes(bytes, name);
          expect(Buffer.compare(network.toBytes({ binary: form === 'raw' }), bytes)).toBe(0);
        });

  for (const name of cases)
    testShared(`nnet3/${name} has the contexts, modulus and parameters that nnet3-info prints`, () => {
      const network = Network.fromBytes(bytesOf('nnet3', name, 'init.raw'));
      const lines = [
        `left-context: ${network.leftContext}`,
        `right-context: ${network.rightContext}`,
        `num-parameters: ${network.parameterCount}`,
        `modulus: ${network.modulus}`,
      ];
      expect(lines).toEqual(textOf('nnet3', name, 'info.txt').split('\n').slice(0, 4));
    });
});

describe('an acoustic model', () => {
  for (const path of ['decode/final.mdl', 'hybrid/tdnn.mdl', 'hybrid/lstmp.mdl'])
    testShared(`${path} is written back byte for byte, and its network read by itself`, () => {
      const bytes = bytesOf(...path.split('/'));
      const model = AcousticModel.fromBytes(bytes, path);
      expect(Buffer.compare(model.toBytes(), bytes)).toBe(0);
      expect(Buffer.compare(readNetworkFile(bytes).toBytes(), model.network.toBytes())).toBe(0);
      const text = model.toBytes({ binary: false });
      expect(Buffer.compare(AcousticModel.fromBytes(text).toBytes({ binary: false }), text)).toBe(0);
    });
});
