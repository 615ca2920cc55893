import { createEngine, type Engine } from '@jebena/engine';
import { type Looped, type LoopedStream, type Network, networkFromXconfig, readNetworkFile } from '@jebena/graph';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
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
  // Nets that look ahead without end cannot stream; in resnet and descriptors, nodes that can do without frames stand
  // on each other, so that what a chunk's edge lacked stays in its rows.
  const left = ['blstm', 'descriptors', 'resnet'];
  for (const name of nnet3Cases.filter((n) => !left.includes(n)))
    testShared(`nnet3/${name} gives what passes over all of it so far give`, async () => {
      const network = readNetworkFile(bytesOf('nnet3', name, 'stats.raw'));
      const [pieces, whole] = await both(network, 7, 6);
      expect(pieces.length).toBe(whole.length);
      expect(Math.max(...pieces.map((v, i) => Math.abs(v - whole[i]!)))).toBeLessThan(1e-4);
    });
});

/** All of a network's inputs are there always: its outputs do not depend on where chunks end. */
const allRequired = 'affine cnn combine gru ivector legacy lstm lstmb lstmp pgru subsampled sums tdnn tdnnf'.split(' ');

/** Output rows of one pass, or of chunks, over so many chunks' frames; each row by its largest value. */
async function rowsOf(looped: Looped, feats: Float32Array, dim: number, ivectorDim: number): Promise<number[]> {
  const ivector = ivectorDim > 0 ? engine.tensor(1, ivectorDim, new Float32Array(ivectorDim).fill(0.3)) : undefined;
  const stream = looped.stream();
  const out: number[] = [];
  for (let at = 0; at < feats.length;) {
    const rows = stream.chunks === 0 ? looped.firstFrames : looped.chunk;
    if (at + rows * dim > feats.length) break;
    const input = engine.tensor(rows, dim, feats.slice(at, at + rows * dim));
    at += rows * dim;
    const pass = stream.advance(ivector ? { input, ivector } : { input });
    out.push(...(await engine.read(pass.output('output'))));
    pass.dispose();
    engine.dispose(input);
  }
  stream.dispose();
  engine.dispose(ivector);
  return out;
}

describe('whatever the chunk, from 1 frame to 60, the rows of one pass over the whole', () => {
  for (const name of allRequired)
    testShared(`nnet3/${name}`, async () => {
      const network = readNetworkFile(bytesOf('nnet3', name, 'stats.raw'));
      const model = network.load(engine);
      const dim = network.inputDim();
      const ivectorDim = network.hasNode('ivector') ? network.inputDim('ivector') : 0;
      const { leftContext, rightContext, modulus } = network;
      const count = 6 * modulus * Math.ceil(70 / (6 * modulus));
      const feats = Float32Array.from({ length: (leftContext + count + rightContext) * dim }, (_, i) =>
        Math.sin(0.37 * i * i + i),
      );
      // One pass, as nnet3-compute makes it with a large --frames-per-chunk.
      const inputs = [{ name: 'input', first: -leftContext, count: leftContext + count + rightContext, stride: 1 }];
      if (ivectorDim > 0) inputs.push({ name: 'ivector', first: 0, count: 1, stride: 1 });
      const input = engine.tensor(feats.length / dim, dim, feats);
      const ivector = ivectorDim > 0 ? engine.tensor(1, ivectorDim, new Float32Array(ivectorDim).fill(0.3)) : undefined;
      const pass = model
        .compute({ sequences: 1, inputs, outputs: [{ name: 'output', first: 0, count, stride: 1 }] })
        .forward(ivector ? { input, ivector } : { input });
      const whole = Array.from(await engine.read(pass.output('output')));
      pass.dispose();
      engine.dispose(input, ivector);
      const cols = network.outputDim();
      const check = async (framesPerChunk: number, factor: number): Promise<void> => {
        const looped = model.looped({ framesPerChunk, frameSubsamplingFactor: factor });
        const rows = await rowsOf(looped, feats, dim, ivectorDim);
        const expected = whole.filter((_, i) => Math.floor(i / cols) % factor === 0).slice(0, rows.length);
        expect(rows.length).toBeGreaterThan(0);
        for (let r = 0; r < rows.length; r += cols) {
          const largest = Math.max(...expected.slice(r, r + cols).map(Math.abs));
          for (let i = r; i < r + cols; i++) expect(Math.abs(rows[i]! - expected[i]!)).toBeLessThan(1e-4 * largest);
        }
        looped.dispose();
      };
      await check(1, 1);
      await fc.assert(fc.asyncProperty(fc.integer({ min: 2, max: 60 }), fc.constantFrom(1, 2, 3), check), {
        numRuns: 3,
        examples: [[60, 3]],
        endOnFailure: true,
      });
      model.dispose();
    });
});

testShared('a network that looks ahead without end is refused by the node that does', () => {
  const model = readNetworkFile(bytesOf('nnet3', 'blstm', 'stats.raw')).load(engine);
  expect(() => model.looped()).toThrow(
    /^'b1\.\S+': looped: .* found one that looks ahead: its rows depend on the end of the stream/,
  );
  model.dispose();
});

/** A stream's input at a chunk, so that streams differ. */
const frames = (rows: number, seed: number): Float32Array =>
  Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(seed * 91 + i * (1 + (seed % 7) / 10)));

const streaming = (): Network =>
  networkFromXconfig(
    'input name=input dim=4\nrelu-layer name=a dim=6 input=Append(-1,0,2)\n' +
      'fast-lstmp-layer name=l cell-dim=5 recurrent-projection-dim=3 non-recurrent-projection-dim=2 delay=-2\noutput-layer name=output dim=3',
    { seed: 2 },
  );

test('streams that come and go are computed together as each would be alone, and leave nothing', async () => {
  const model = streaming().load(engine);
  const looped = model.looped({ framesPerChunk: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 6 }), { maxLength: 12 }),
      async (rounds) => {
        const live = engine.liveTensors();
        const together = Array.from({ length: 6 }, () => looped.stream());
        const alone = Array.from({ length: 6 }, () => looped.stream());
        const planned = engine.liveTensors() - live;
        expect(planned).toBe(0);
        for (const round of rounds) {
          const byPhase = new Map<number, number[]>();
          for (const n of round) byPhase.set(together[n]!.phase, [...(byPhase.get(together[n]!.phase) ?? []), n]);
          for (const members of byPhase.values()) {
            const rows = together[members[0]!]!.chunks === 0 ? looped.firstFrames : looped.chunk;
            const inputs = members.map((n) => frames(rows, 10 * n + together[n]!.chunks));
            const data = new Float32Array(inputs.length * rows * 4);
            inputs.forEach((values, s) => {
              for (let r = 0; r < rows; r++) data.set(values.subarray(4 * r, 4 * r + 4), 4 * (r * inputs.length + s));
            });
            const input = engine.tensor(rows * inputs.length, 4, data);
            const pass = looped.advance(
              members.map((n) => together[n]!),
              { input },
            );
            const out = await engine.read(pass.output('output'));
            pass.dispose();
            engine.dispose(input);
            for (const [s, n] of members.entries()) {
              const own = engine.tensor(rows, 4, inputs[s]!);
              const single = alone[n]!.advance({ input: own });
              const expected = await engine.read(single.output('output'));
              single.dispose();
              engine.dispose(own);
              for (let r = 0; r < looped.outputFrames; r++)
                for (let c = 0; c < 3; c++)
                  expect(out[3 * (r * members.length + s) + c]).toBeCloseTo(expected[3 * r + c]!, 5);
            }
          }
        }
        [...together, ...alone].forEach((stream) => stream.dispose());
      },
    ),
    { numRuns: 20 },
  );
  looped.dispose();
  model.dispose();
});

test('streams that went on leave what they carried; one that waits holds little', async () => {
  const model = streaming().load(engine);
  const looped = model.looped({ framesPerChunk: 4 });
  const streams = Array.from({ length: 8 }, () => looped.stream());
  const advance = (members: readonly LoopedStream[]): void => {
    const rows = members[0]!.chunks === 0 ? looped.firstFrames : looped.chunk;
    const input = engine.tensor(rows * members.length, 4, frames(rows * members.length, 1));
    looped.advance(members, { input }).dispose();
    engine.dispose(input);
  };
  advance(streams);
  advance(streams);
  advance(streams.slice(0, 7));
  advance(streams.slice(0, 7));
  const live = engine.liveTensors();
  streams.slice(0, 7).forEach((s) => s.dispose());
  // The rows of the last stream, and no more.
  const [last] = streams.slice(7);
  expect(last!.chunks).toBe(2);
  expect(live - engine.liveTensors()).toBe(Object.keys((await last!.state()).carried).length);
  for (const { rows, cols } of Object.values((await last!.state()).carried)) expect(rows * cols).toBeLessThan(60);
  last!.dispose();
  expect(() => looped.advance([], {})).toThrow('expected streams to advance, found none');
  looped.dispose();
  model.dispose();
});

test('a stream goes on elsewhere from its state, as plain data', async () => {
  const [here, there] = [streaming().load(engine), streaming().load(engine)];
  const [a, b] = [here.looped({ framesPerChunk: 4 }), there.looped({ framesPerChunk: 4 })];
  const live = engine.liveTensors();
  const steady = a.stream();
  let moved = b.stream();
  for (let k = 0; k < 6; k++) {
    const state = structuredClone(await moved.state());
    moved.dispose();
    moved = (k % 2 === 0 ? a : b).stream(state);
    const rows = k === 0 ? a.firstFrames : a.chunk;
    const outputs: number[][] = [];
    for (const stream of [steady, moved]) {
      const input = engine.tensor(rows, 4, frames(rows, k));
      const pass = stream.advance({ input });
      outputs.push(Array.from(await engine.read(pass.output('output'))));
      pass.dispose();
      engine.dispose(input);
    }
    expect(outputs[0]).toEqual(outputs[1]);
  }
  const state = await steady.state();
  expect(state.chunks).toBe(6);
  expect(() => a.stream({ ...state, carried: {} })).toThrow("found nothing of '");
  expect(() => a.stream({ ...state, step: 50 })).toThrow('found one at step 50');
  steady.dispose();
  moved.dispose();
  here.dispose();
  there.dispose();
  expect(engine.liveTensors()).toBeLessThan(live);
});
