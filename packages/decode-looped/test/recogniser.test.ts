import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recognise } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine, type Engine } from '@jebena/engine';
import { readWave, type Wave } from '@jebena/io-ark';
import { collect, type Item } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));
const folder = mkdtempSync(join(tmpdir(), 'jebena-recogniser-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kaldi's chain model as a recogniser's folder. */
function chainFolder(): string {
  for (const name of ['final.mdl', 'HCLG.fst', 'words.txt'])
    copyFileSync(shared('golden/decode', name), join(folder, name));
  copyFileSync(shared('golden/decode/online/mfcc_hires.conf'), join(folder, 'mfcc.conf'));
  writeFileSync(
    join(folder, 'recogniser.conf'),
    '--feature-type=mfcc\n--acoustic-scale=1\n--frame-subsampling-factor=3 # chain\n',
  );
  return folder;
}

const waveFolder = shared('golden/decode/online/wav');
const waves = (): Item<Wave>[] =>
  readdirSync(waveFolder).map((name) => [name.replace('.wav', ''), readWave(readFileSync(join(waveFolder, name)))]);

testShared("recognises the words that Kaldi's online decoder did, from the waves, in pieces", async () => {
  const recogniser = readRecogniser(chainFolder(), engine);
  const reference = new Map(
    readFileSync(shared('golden/decode/ref.txt'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0]!, line.split(' ').slice(1).join(' ')]),
  );
  // The first streams plan their chunks; what plans hold stays with the recogniser.
  await collect(recognise(recogniser)(waves()));
  const before = engine.liveTensors();
  for (const [key, { text, complete, words }] of await collect(recognise(recogniser)(waves()))) {
    expect([key, text]).toEqual([key, reference.get(key)]);
    expect(complete).toBe(true);
    for (let i = 1; i < words.length; i++) expect(words[i]!.time).toBeGreaterThan(words[i - 1]!.time);
  }
  expect(engine.liveTensors()).toBe(before);
  recogniser.dispose();
});

testShared('is a stage as all are', async () => {
  const recogniser = readRecogniser(chainFolder(), engine);
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
