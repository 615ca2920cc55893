import { readFileSync } from 'node:fs';
import { OnlineScores } from '@jebena/decode-looped';
import { createEngine, type Engine } from '@jebena/engine';
import { AcousticModel, forInference } from '@jebena/graph';
import { type Matrix, matrix } from '@jebena/io-ark';
import { readMatrices } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import { beforeAll, expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));

const rows = ({ cols, data }: Matrix, from: number, to: number): Matrix => ({
  rows: to - from,
  cols,
  data: data.subarray(from * cols, to * cols),
});

/** Scores of a stream that comes in pieces of so many frames. */
async function online(model: AcousticModel, feats: Matrix, piece: number, options: object): Promise<Matrix> {
  const loaded = forInference(model.network).load(engine);
  const looped = loaded.looped(options);
  const scores = new OnlineScores(engine, looped, feats.cols, model.priors.map(Math.log));
  const parts: Matrix[] = [];
  for (let at = 0; at < feats.rows; at += piece)
    parts.push(await scores.push(rows(feats, at, Math.min(feats.rows, at + piece))));
  parts.push(await scores.flush());
  scores.dispose();
  looped.dispose();
  loaded.dispose();
  const data = parts.flatMap((p) => [...p.data]);
  const cols = parts.find((p) => p.rows > 0)!.cols;
  return matrix(data.length / cols, cols, Float32Array.from(data));
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
    const got = await online(model, m, [7, 30, 1000][i]!, {
      framesPerChunk: [9, 30, 60][i],
      frameSubsamplingFactor: 3,
    });
    expect(worst(got, expected.get(key)!)).toBeLessThan(1e-4);
  }
  expect(engine.liveTensors()).toBe(before);
});

testShared('a projected LSTM carries its state from chunk to chunk as one pass over the whole would', async () => {
  const path = shared('golden/hybrid/lstmp.mdl');
  const { transitions, network } = AcousticModel.fromBytes(readFileSync(path), path);
  const feats = await collect(readMatrices(`ark:${shared('golden/decode/feats.ark')}`));
  const expected = new Map(await collect(readMatrices(`ark:${shared('golden/hybrid/lstmp.whole.ark')}`)));
  const [key, m] = feats[1]!;
  // What Kaldi wrote is before priors.
  const got = await online(new AcousticModel(transitions, network), m, 13, { framesPerChunk: 20 });
  expect(worst(got, expected.get(key)!)).toBeLessThan(1e-4);
});
