import { createEngine, type Engine } from '@jebena/engine';
import { type Network, readNetworkFile } from '@jebena/graph';
import { beforeAll, describe, expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { bytesOf, nnet3Cases } from './read-golden.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ engine: 'tfjs-wasm' });
});

const sequences = 2;

/** The outputs of a stream of chunks, and of passes over all of it so far. */
async function both(network: Network, framesPerChunk: number, chunks: number): Promise<[number[], number[]]> {
  const live = engine.liveTensors();
  const model = network.load(engine);
  const looped = model.looped({ framesPerChunk, sequences });
  const dim = network.inputDim();
  const frames = looped.firstFrames + (chunks - 1) * looped.chunk;
  const feats = Float32Array.from({ length: frames * sequences * dim }, (_, i) => Math.sin(0.37 * i * i + i));
  const ivector = network.hasNode('ivector')
    ? engine.tensor(
        sequences,
        network.inputDim('ivector'),
        new Float32Array(sequences * network.inputDim('ivector')).fill(0.3),
      )
    : undefined;
  const stream = looped.stream();
  const pieces: number[] = [];
  let at = 0;
  for (let k = 0; k < chunks; k++) {
    const count = (k === 0 ? looped.firstFrames : looped.chunk) * sequences * dim;
    const input = engine.tensor(count / dim, dim, feats.slice(at, at + count));
    at += count;
    const pass = stream.advance(ivector ? { input, ivector } : { input });
    pieces.push(...(await engine.read(pass.output('output'))));
    pass.dispose();
    engine.dispose(input);
  }
  stream.dispose();

  // Each chunk knows the input up to its own end alone: that is all that optional inputs can see.
  const whole: number[] = [];
  for (let k = 0; k < chunks; k++) {
    const count = looped.firstFrames + k * looped.chunk;
    const inputs = [{ name: 'input', first: -looped.leftContext, count, stride: 1 }];
    if (ivector) inputs.push({ name: 'ivector', first: 0, count: 1, stride: 1 });
    const outputs = [{ name: 'output', first: k * looped.chunk, count: looped.chunk, stride: 1 }];
    const input = engine.tensor(count * sequences, dim, feats.slice(0, count * sequences * dim));
    const pass = model.compute({ sequences, inputs, outputs }).forward(ivector ? { input, ivector } : { input });
    whole.push(...(await engine.read(pass.output('output'))));
    pass.dispose();
    engine.dispose(input);
  }
  engine.dispose(ivector);
  model.dispose();
  expect(engine.liveTensors()).toBe(live);
  return [pieces, whole];
}

describe('a stream in chunks', () => {
  // Nets that look ahead without end cannot stream; in resnet, layers that can do without frames stand on each
  // other, so that what a chunk's edge lacked stays in its rows.
  const left = ['blstm', 'descriptors', 'resnet'];
  for (const name of nnet3Cases.filter((n) => !left.includes(n)))
    testShared(`nnet3/${name} gives what passes over all of it so far give`, async () => {
      const network = readNetworkFile(bytesOf('nnet3', name, 'stats.raw'));
      const [pieces, whole] = await both(network, 7, 6);
      expect(pieces.length).toBe(whole.length);
      expect(Math.max(...pieces.map((v, i) => Math.abs(v - whole[i]!)))).toBeLessThan(1e-4);
    });
});
