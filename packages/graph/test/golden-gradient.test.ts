import { createEngine, type Engine } from '@jebena/engine';
import { readNetworkFile } from '@jebena/graph';
import { slopeOf } from '@jebena/graph/testing';
import { beforeAll, describe, expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, nnet3Cases } from './read-golden.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-wasm' });
});

describe('backprop along one direction of everything', () => {
  for (const name of nnet3Cases)
    testShared(`nnet3/${name}`, async () => {
      const live = engine.liveTensors();
      const { backprop, numeric, size } = await slopeOf(readNetworkFile(bytesOf('nnet3', name, 'init.raw')), engine);
      expect(Math.abs(backprop - numeric)).toBeLessThan(0.02 * size + 0.02);
      expect(engine.liveTensors()).toBe(live);
    });
});
