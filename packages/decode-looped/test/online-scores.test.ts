import { readFileSync } from 'node:fs';
import { FrontEnd, joinRows, OnlineScores } from '@jebena/decode-looped';
import { readConfigFile } from '@jebena/decode-looped/node';
import { Mfcc, mfccOptions } from '@jebena/features';
import * as fc from 'fast-check';
import { createEngine, type Engine } from '@jebena/engine';
import { AcousticModel, forInference, forward } from '@jebena/graph';
import type { Matrix } from '@jebena/io-ark';
import { readMatrices } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import { beforeAll, expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { pieces, waves } from './support/chain-model.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));

const rows = ({ cols, data }: Matrix, from: number, to: number): Matrix => ({
  rows: to - from,
  cols,
  data: data.subarray(from * cols, to * cols),
});

type Online = (feats: Matrix, piece: number) => Promise<Matrix>;

/** Gives a test the scores of streams that come in pieces of so many frames. */
async function withScores(
  model: AcousticModel,
  options: object,
  use: (online: Online) => Promise<void>,
): Promise<void> {
  const loaded = forInference(model.network).load(engine);
  const looped = loaded.looped(options);
  await use(async (feats, piece) => {
    const scores = new OnlineScores(engine, looped, feats.cols, model.priors.map(Math.log));
    const parts: Matrix[] = [];
    for (let at = 0; at < feats.rows; at += piece)
      parts.push(await scores.push(rows(feats, at, Math.min(feats.rows, at + piece))));
    parts.push(await scores.flush());
    scores.dispose();
    return joinRows(
      parts.filter((p) => p.rows > 0),
      0,
    );
  });
  looped.dispose();
  loaded.dispose();
}

function worst(got: Matrix, expected: Matrix): number {
  expect([got.rows, got.cols]).toEqual([expected.rows, expected.cols]);
  let most = 0;
  for (let r = 0; r < got.rows; r++) {
    const at = r * got.cols;
    const large = expected.data.subarray(at, at + got.cols).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (let c = 0; c < got.cols; c++)
      most = Math.max(most, Math.abs(got.data[at + c]! - expected.data[at + c]!) / large);
  }
  return most;
}

testShared("chunk by chunk, a TDNN-F gives Kaldi's scores, whatever the pieces", async () => {
  const model = AcousticModel.fromBytes(readFileSync(shared('golden/decode/final.mdl')));
  const feats = await collect(readMatrices(`ark:${shared('golden/decode/feats.ark')}`));
  const expected = new Map(await collect(readMatrices(`ark:${shared('golden/decode/loglikes.ark')}`)));
  const before = engine.liveTensors();
  for (const [i, [key, m]] of feats.slice(0, 3).entries()) {
    await withScores(model, { framesPerChunk: [9, 30, 60][i], frameSubsamplingFactor: 3 }, async (online) =>
      expect(worst(await online(m, [7, 30, 1000][i]!), expected.get(key)!)).toBeLessThan(1e-4),
    );
  }
  expect(engine.liveTensors()).toBe(before);
});

testShared('a projected LSTM carries its state from chunk to chunk as one pass over the whole would', async () => {
  const path = shared('golden/hybrid/lstmp.mdl');
  const { transitions, network } = AcousticModel.fromBytes(readFileSync(path), path);
  const feats = await collect(readMatrices(`ark:${shared('golden/decode/feats.ark')}`));
  const expected = new Map(await collect(readMatrices(`ark:${shared('golden/hybrid/lstmp.whole.ark')}`)));
  // What Kaldi wrote is before priors.
  await withScores(new AcousticModel(transitions, network), { framesPerChunk: 20 }, async (online) => {
    for (const [i, [key, m]] of feats.entries())
      expect([key, worst(await online(m, 13 + 5 * i), expected.get(key)!) < 1e-4]).toEqual([key, true]);
  });
});

testShared(
  "from samples of any pieces to scores, chunks of any size give what one pass over the wave's features gives",
  async () => {
    const model = AcousticModel.fromBytes(readFileSync(shared('golden/decode/final.mdl')));
    const feature = new Mfcc(readConfigFile(shared('golden/decode/online/mfcc_hires.conf'), mfccOptions));
    const heard = waves().slice(0, 2);
    const whole = forward(model.network, engine, { framesPerChunk: 6000, frameSubsamplingFactor: 3 });
    const utterances = heard.map(([key, { channels }]) => [key, { feats: feature.compute(channels[0]!) }] as const);
    const expected = new Map(await collect(whole(utterances)));
    const loaded = forInference(model.network).load(engine);
    const check = async (framesPerChunk: number, piece: number, which: number): Promise<void> => {
      const looped = loaded.looped({ framesPerChunk, frameSubsamplingFactor: 3 });
      const [key, { channels, sampleRate }] = heard[which]!;
      const frontEnd = new FrontEnd(feature, sampleRate);
      const scores = new OnlineScores(engine, looped, feature.dim);
      const parts: Matrix[] = [];
      for (const samples of pieces(channels[0]!, piece)) parts.push(await scores.push(frontEnd.push(samples)));
      parts.push(await scores.push(frontEnd.flush()), await scores.flush());
      scores.dispose();
      looped.dispose();
      const got = joinRows(
        parts.filter((p) => p.rows > 0),
        0,
      );
      expect([key, framesPerChunk, piece, worst(got, expected.get(key)!) < 1e-4]).toEqual([
        key,
        framesPerChunk,
        piece,
        true,
      ]);
    };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 50, max: 9000 }), fc.nat(1), check),
      {
        numRuns: 3,
        examples: [
          [1, 1440, 0],
          [60, 80, 1],
        ],
        endOnFailure: true,
      },
    );
    loaded.dispose();
  },
);
