import type { EventStream, Recogniser } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine, type Engine } from '@jebena/engine';
import { readWave } from '@jebena/io-ark';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { chainFolder, fillChainFolder, pieces, quiet, waves } from './support/chain-model.js';

let engine: Engine;
let recogniser: Recogniser | undefined;
const folder = chainFolder();
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));
afterAll(() => recogniser?.dispose());
const open = (sampleRate = 8000): EventStream =>
  (recogniser ??= readRecogniser(fillChainFolder(folder), engine)).events(sampleRate);

async function heard(stream: EventStream, samples: Float32Array): Promise<string[]> {
  const events = [];
  for (const piece of pieces(samples, 1600)) events.push(...(await stream.push(piece)));
  events.push(...(await stream.finish()));
  return events.flatMap((e) => (e.type === 'final' && e.text !== '' ? [e.text] : []));
}

const theo = (): Float32Array => waves().find(([key]) => key === 'theo-t0001')![1].channels[0]!;

testShared('nothing, a few samples and silence say nothing', async () => {
  expect(await open().finish()).toEqual([]);
  expect(await heard(open(), new Float32Array(3))).toEqual([]);
  expect(await heard(open(), new Float32Array(16000))).toEqual([]);
  expect(await heard(open(), quiet(16000))).toEqual([]);
});

testShared('samples that are clipped are heard as well as they can be', async () => {
  const clipped = theo().map((s) => Math.max(-32768, Math.min(32767, 3 * s)));
  expect(await heard(open(), clipped)).toEqual(['zero seven nine']);
});

testShared('a stream with a sample that is none, or a rate that cannot be, ends alone', async () => {
  const [steady, torn] = [open(), open()];
  const samples = theo();
  await steady.push(samples.subarray(0, 4000));
  await torn.push(samples.subarray(0, 4000));
  const bad = samples.slice(4000, 8000);
  bad[100] = Number.NaN;
  const [next] = await Promise.allSettled([torn.push(bad), steady.push(samples.subarray(4000, 8000))]);
  expect(next).toMatchObject({
    reason: new RangeError('recogniser: expected finite samples, found NaN at sample 4100'),
  });
  torn.dispose();
  for (const rate of [0, -8000, Number.NaN, 7999.5])
    expect(() => open(rate)).toThrow(/expected a (rate that is a whole|wave of 8000 Hz)/);
  expect(await heard(steady, samples.subarray(8000))).toEqual(['zero seven nine']);
});

test('a wave whose header is torn, or that is something else, is refused with what was expected', () => {
  const header = Uint8Array.from([...'RIFF'].map((c) => c.charCodeAt(0)));
  expect(() => readWave(header, { path: 'a.wav' })).toThrow(/^a\.wav, byte 4: expected 4 bytes/);
  expect(() => readWave(new Uint8Array(100), { path: 'a.wav' })).toThrow(/^a\.wav\b.*expected .*RIFF/);
});
