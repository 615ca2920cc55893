import { recogniseStream, type Recogniser, type RecognitionEvent } from '@jebena/decode-looped';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine, type Engine } from '@jebena/engine';
import { collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { afterAll, beforeAll, expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { chainFolder, fillChainFolder, longRecording, pieces, quiet } from './support/chain-model.js';

let engine: Engine;
const folder = chainFolder();
const opened: Recogniser[] = [];
const open = (changes = {}): Recogniser => {
  const recogniser = readRecogniser(fillChainFolder(folder), engine, changes);
  opened.push(recogniser);
  return recogniser;
};
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));
afterAll(() => opened.forEach((r) => r.dispose()));

const finals = (events: readonly RecognitionEvent[]) => events.flatMap((e) => (e.type === 'final' ? [e] : []));

testShared('cuts a long recording where its speakers pause, and says what they said and when', async () => {
  const { samples, sampleRate, texts } = longRecording(1.2);
  const recogniser = open();
  const events = await pipe(
    pieces(samples, 1440),
    recogniseStream(recogniser, { sampleRate }),
    collect<RecognitionEvent>,
  );
  const said = finals(events).filter((e) => e.text !== '');
  expect(said.map((e) => e.text)).toEqual(texts);
  // All but what the recording's end cut were ended by a rule after a short silence.
  for (const { rule } of said.slice(0, -1)) expect([2, 3]).toContain(rule);
  let last = 0;
  for (const { begin, end, words } of finals(events)) {
    expect(begin).toBeCloseTo(last, 6);
    last = end;
    for (const w of words) {
      expect(w.begin).toBeGreaterThanOrEqual(begin);
      expect(w.end).toBeLessThanOrEqual(end + 1e-6);
      expect(w.end).toBeGreaterThan(w.begin);
      expect(w.confidence).toBeGreaterThan(0.5);
      expect(w.confidence).toBeLessThanOrEqual(1.0001);
    }
  }
  expect(Math.abs(last - samples.length / sampleRate)).toBeLessThan(0.1);
  // A pause is in no word: each utterance's words begin after its pause's first half.
  expect(said[1]!.words[0]!.begin).toBeGreaterThan(said[0]!.words.at(-1)!.begin + 0.5);
});

testShared('what is stable stays, whatever comes, and pieces change nothing', async () => {
  const { samples, sampleRate } = longRecording(0.7);
  const recogniser = open({ confidences: false });
  const whole = await collect(recogniseStream(recogniser, { sampleRate })(pieces(samples, samples.length)));
  for (const piece of [333, 8000])
    expect(await collect(recogniseStream(recogniser, { sampleRate })(pieces(samples, piece)))).toEqual(whole);
  let stable = '';
  let stableSeen = 0;
  for (const event of whole) {
    const text = event.text.split(' ');
    const kept = stable === '' ? [] : stable.split(' ');
    expect(text.slice(0, kept.length)).toEqual(kept);
    if (event.type === 'final') {
      stable = '';
      for (const w of event.words) expect(w.confidence).toBeUndefined();
    } else {
      expect(event.text.startsWith(event.stable)).toBe(true);
      if (event.stable) stableSeen++;
      stable = event.stable;
    }
  }
  expect(stableSeen).toBeGreaterThan(5);
});

testShared('ends after silence alone, and after 20 s, by rule', async () => {
  const recogniser = open({ 'endpoint.rule5.minUtteranceLength': 2 });
  const silent = finals(await collect(recogniseStream(open(), { sampleRate: 8000 })([quiet(6 * 8000)])));
  expect(silent.map((e) => [e.text, e.rule])).toEqual([
    ['', 1],
    ['', undefined],
  ]);
  const { samples, sampleRate } = longRecording(0);
  const cut = finals(await collect(recogniseStream(recogniser, { sampleRate })([samples])));
  for (const { rule, begin, end } of cut.slice(0, -1)) {
    if (rule === 5) expect(end - begin).toBeGreaterThanOrEqual(2);
    expect(end - begin).toBeLessThan(2.7);
  }
  expect(cut.some((e) => e.rule === 5)).toBe(true);
});

testShared('is a stage as all are', async () => {
  const { samples, sampleRate } = longRecording(0.7);
  const recogniser = open();
  const items = [...pieces(samples.subarray(0, 20000), 5000)];
  await collect(recogniseStream(recogniser, { sampleRate })(items));
  await testStage({
    make: (o) => recogniseStream(recogniser, { sampleRate, ...o }),
    items,
    abortable: true,
    live: () => engine.liveTensors(),
  });
  await expect(collect(recogniseStream(recogniser)([Float32Array.of(1, Number.POSITIVE_INFINITY)]))).rejects.toThrow(
    'expected finite samples, found Infinity at sample 1',
  );
});
