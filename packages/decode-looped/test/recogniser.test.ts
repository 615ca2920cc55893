import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recognise, type Recognition } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine, type Engine } from '@jebena/engine';
import { collect, type Item } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { beforeAll, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { chainFolder, fillChainFolder, reference, waves } from './support/chain-model.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));
const folder = chainFolder();

testShared("recognises the words that Kaldi's online decoder did, from the waves, in pieces", async () => {
  const recogniser = readRecogniser(fillChainFolder(folder), engine);
  const texts = reference();
  // The first streams plan their chunks; what plans hold stays with the recogniser.
  await collect(recognise(recogniser)(waves()));
  const before = engine.liveTensors();
  for (const [key, { text, complete, words }] of await pipe(
    waves(),
    recognise(recogniser),
    collect<Item<Recognition>>,
  )) {
    expect([key, text]).toEqual([key, texts.get(key)]);
    expect(complete).toBe(true);
    for (let i = 1; i < words.length; i++) expect(words[i]!.time).toBeGreaterThan(words[i - 1]!.time);
  }
  expect(engine.liveTensors()).toBe(before);
  recogniser.dispose();
});

testShared('is a stage as all are', async () => {
  const recogniser = readRecogniser(fillChainFolder(folder), engine);
  await collect(recognise(recogniser)(waves().slice(0, 2)));
  await testStage({
    make: (o) => recognise(recogniser, o),
    items: waves().slice(0, 2),
    abortable: true,
    live: () => engine.liveTensors(),
  });
  const stream = recogniser.stream();
  await expect(stream.push(Float32Array.of(0, Number.NaN))).rejects.toThrow(
    'expected finite samples, found NaN at sample 1',
  );
  stream.dispose();
  expect((await recogniser.stream().finish()).text).toBe('');
  recogniser.dispose();
});

test('a folder without a model is refused by name', () => {
  const empty = mkdtempSync(join(tmpdir(), 'jebena-empty-'));
  try {
    expect(() => readRecogniser(empty, engine)).toThrow(
      `${empty}: expected a model's folder with final.mdl in it, found none`,
    );
  } finally {
    rmSync(empty, { recursive: true });
  }
});
