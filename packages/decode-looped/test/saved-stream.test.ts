import { type EventStream, type Recogniser, type RecognitionEvent } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine';
import { resample } from '@jebena/features';
import { expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { chainFolder, fillChainFolder, longRecording, pieces, waves } from './support/chain-model.js';

const folder = chainFolder();
const open = async (changes = {}): Promise<Recogniser> =>
  readRecogniser(fillChainFolder(folder), await createEngine({ engine: 'tfjs-wasm' }), changes);

async function events(stream: EventStream, heard: Iterable<Float32Array>): Promise<RecognitionEvent[]> {
  const found: RecognitionEvent[] = [];
  for (const piece of heard) found.push(...(await stream.push(piece)));
  return [...found, ...(await stream.finish())];
}

testShared('a stream that moves to another recogniser after each piece tells what it would have told', async () => {
  const recognisers = [await open(), await open()];
  const long = longRecording(0.8);
  // At another rate, so that the resampler has something to remember.
  const sampleRate = 11000;
  const samples = resample(long.samples.subarray(0, 8 * long.sampleRate), long.sampleRate, sampleRate);
  const heard = [...pieces(samples, 1777)];
  const expected = await events(recognisers[0]!.events(sampleRate), heard);
  expect(expected.filter((e) => e.type === 'final').length).toBeGreaterThan(1);
  const live = recognisers.map((r) => r.parts.engine.liveTensors());
  let stream = recognisers[0]!.events(sampleRate);
  const found: RecognitionEvent[] = [];
  let largest = 0;
  for (const [i, piece] of heard.entries()) {
    found.push(...(await stream.push(piece)));
    const bytes = await stream.save();
    largest = Math.max(largest, bytes.length);
    stream.dispose();
    stream = recognisers[(i + 1) % 2]!.restore(bytes);
  }
  found.push(...(await stream.finish()));
  expect(found).toEqual(expected);
  // What the other has planned is there to stay.
  expect(recognisers[0]!.parts.engine.liveTensors()).toBe(live[0]);
  expect(largest).toBeLessThan(1 << 20);

  const saved = recognisers[0]!.events(sampleRate);
  await saved.push(heard[0]!);
  const bytes = await saved.save();
  await saved.finish();
  await expect(saved.save()).rejects.toThrow('found one that has ended');
  const other = await open({ framesPerChunk: 30 });
  expect(() => other.restore(bytes)).toThrow(/^saved stream: expected one of 40 features, chunks of \d+\+30\+\d+, /);
  expect(() => other.restore(bytes.subarray(0, 100))).toThrow('saved stream: expected ');
  expect(() => other.restore(new Uint8Array(5))).toThrow('saved stream: expected a Jebena frame');
  for (const r of [...recognisers, other]) r.dispose();
});

testShared('streams that are ready at once are computed at once, with the words that each has alone', async () => {
  const recogniser = await open();
  const all = waves();
  const alone = new Map<string, RecognitionEvent[]>();
  for (const [key, { sampleRate, channels }] of all)
    alone.set(key, await events(recogniser.events(sampleRate), pieces(channels[0]!, 1600)));
  const { done } = recogniser.computer;
  const [chunks, passes] = [done.chunks, done.passes];
  expect(passes).toBe(chunks);
  const many = [...all, ...all, ...all];
  const streams = many.map(([key, { sampleRate, channels }]) => ({
    key,
    stream: recogniser.events(sampleRate),
    heard: pieces(channels[0]!, 1600),
    found: [] as RecognitionEvent[],
  }));
  // One of them goes away while the others wait for their chunks.
  const leaving = recogniser.events();
  const left = leaving.push(all[0]![1].channels[0]!);
  const together = Promise.all(
    streams.map(async (s) => {
      for (const piece of s.heard) s.found.push(...(await s.stream.push(piece)));
      s.found.push(...(await s.stream.finish()));
    }),
  );
  leaving.dispose();
  await expect(left).rejects.toThrow('the stream was disposed');
  await together;
  for (const { key, found } of streams)
    expect(found.map(({ type, text }) => [key, type, text])).toEqual(
      alone.get(key)!.map(({ type, text }) => [key, type, text]),
    );
  // 18 streams of like length: 16 + 2 at a time while all last.
  expect((done.chunks - chunks) / (done.passes - passes)).toBeGreaterThan(3);
  recogniser.dispose();
});
