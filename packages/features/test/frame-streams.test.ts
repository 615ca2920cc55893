import { readFileSync } from 'node:fs';
import {
  Deltas,
  type FrameStream,
  OnlineCmvn,
  SlidingCmvn,
  Splice,
  accumulateSpeech,
  addDeltas,
  cmvnOnline,
  cmvnSliding,
  cmvnStats,
  deltas,
  onlineCmvn,
  paste,
  pasteFeats,
  select,
  selectColumns,
  slidingCmvn,
  splice,
  spliceFrames,
  subsample,
  subsampleFrames,
  transform,
  transformFeats,
  voicedFrames,
} from '@jebena/features';
import { KaldiInput, type Matrix } from '@jebena/io-ark';
import { type Item, type Stage, collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import * as fc from 'fast-check';
import { pipe } from 'it-pipe';
import { describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { expectClose } from './support/close.js';
import { joinRows } from './support/pieces.js';
import { goldenArk } from './support/tables.js';

const globalStats = () =>
  new KaldiInput(new Uint8Array(readFileSync(shared('golden/feat/global_cmvn.txt')))).readAnyMatrix();

const golden: Record<string, (feats: Matrix) => Matrix> = {
  mfcc_deltas: (feats) => addDeltas(feats),
  mfcc_deltas3: (feats) => addDeltas(feats, { deltaOrder: 3, deltaWindow: 3 }),
  mfcc_splice: (feats) => spliceFrames(feats, { leftContext: 3, rightContext: 2 }),
  mfcc_cmvn_sliding: (feats) => slidingCmvn(feats, { cmnWindow: 20, minCmnWindow: 10, center: true, normVars: true }),
  mfcc_cmvn_sliding_left: (feats) => slidingCmvn(feats, { cmnWindow: 20, minCmnWindow: 10 }),
  mfcc_cmvn_online: (feats) => onlineCmvn(feats, globalStats()),
  mfcc_cmvn_online2: (feats) =>
    onlineCmvn(feats, globalStats(), { normVars: true, cmnWindow: 30, speakerFrames: 20, globalFrames: 10 }),
  mfcc_sub3: (feats) => subsampleFrames(feats, { n: 3 }),
};

const random = (rows: number, cols: number): Matrix => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i * i) * 5),
});

describe('frames to frames', () => {
  for (const [name, run] of Object.entries(golden))
    testShared(name, async () => {
      const wanted = await goldenArk(`feat/${name}.ark`);
      for (const [key, feats] of await goldenArk('feat/mfcc.ark')) expectClose(run(feats as Matrix), wanted.get(key)!);
    });

  testShared('mfcc_pitch', async () => {
    const pitch = await goldenArk('feat/pitch_processed.ark');
    const wanted = await goldenArk('feat/mfcc_pitch.ark');
    for (const [key, feats] of await goldenArk('feat/mfcc.ark'))
      expect(pasteFeats([feats as Matrix, pitch.get(key) as Matrix])).toEqual(wanted.get(key));
  });

  test.each([
    ['deltas', () => new Deltas({ deltaWindow: 3 })],
    ['splice', () => new Splice({ leftContext: 5, rightContext: 2 })],
    ['sliding', () => new SlidingCmvn({ cmnWindow: 20, minCmnWindow: 7, normVars: true })],
    ['centred', () => new SlidingCmvn({ cmnWindow: 20, minCmnWindow: 7, center: true })],
    ['online', () => new OnlineCmvn(cmvnStats(random(50, 3)), { cmnWindow: 20, normVars: true })],
  ] as [string, () => FrameStream][])('%s in parts gives what the whole gives', (_, make) => {
    const whole = (feats: Matrix): Matrix => {
      const stream = make();
      return joinRows([stream.push(feats), stream.flush()]);
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        const feats = random(
          sizes.reduce((a, b) => a + b),
          3,
        );
        const stream = make();
        let at = 0;
        const parts = sizes.map((rows) =>
          stream.push({ rows, cols: 3, data: feats.data.slice(3 * at, 3 * (at += rows)) }),
        );
        expect(joinRows([...parts, stream.flush()])).toEqual(whole(feats));
      }),
      { seed: 2, numRuns: 12 },
    );
  });

  test('a sliding window is the mean of the frames it covers', () => {
    const feats = random(40, 1);
    const found = slidingCmvn(feats, { cmnWindow: 9, center: true, minCmnWindow: 1 });
    const mean = feats.data.slice(16, 25).reduce((a, b) => a + b) / 9;
    expect(found.data[20]).toBeCloseTo(feats.data[20]! - mean, 5);
  });

  test("a speaker's earlier utterances fill in before the global statistics", async () => {
    const feats = random(30, 2);
    const stats = cmvnStats(random(99, 2));
    const items: Item<Matrix>[] = ['a', 'b', 'c'].map((key) => [key, feats]);
    const speakerOf = (key: string): string => (key === 'c' ? 'other' : 'one');
    const [a, b, c] = await collect(cmvnOnline(stats, {}, { speakerOf })(items));
    expect(a![1]).toEqual(c![1]);
    expect(b![1]).toEqual(onlineCmvn(feats, stats, {}, cmvnStats(feats)));
    expect(b![1]).not.toEqual(a![1]);
  });

  test('with a speech range, pauses do not count, nor what turns out to have been one', () => {
    const rows = [
      [-4, -2],
      [5, 5],
      [14, 16],
      [1, 1],
      [15, 13],
    ];
    const feats: Matrix = { rows: 5, cols: 2, data: Float32Array.from(rows.flat()) };
    const stats = cmvnStats({ rows: 1, cols: 2, data: Float32Array.of(4, 6) });
    const options = { speechRange: 3, globalFrames: 1 };
    // -3 on average is too low; 5 counts until 15 comes: then it was a pause.
    const means = [
      [4, 6],
      [4.5, 5.5],
      [9, 11],
      [9, 11],
      [11, 35 / 3],
    ];
    const found = onlineCmvn(feats, stats, options);
    found.data.forEach((x, i) => expect(x).toBeCloseTo(rows.flat()[i]! - means.flat()[i]!, 5));
    const sum = cmvnStats({ rows: 0, cols: 2, data: new Float32Array(0) });
    accumulateSpeech(sum, feats, 3);
    expect(Array.from(sum.data.subarray(0, 3))).toEqual([29, 29, 2]);
  });

  test('columns, transforms and repeats', () => {
    const feats: Matrix = { rows: 2, cols: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect([...selectColumns(feats, [2, 0]).data]).toEqual([3, 1, 6, 4]);
    expect([...subsampleFrames(feats, { n: -2 }).data]).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
    expect([...subsampleFrames(feats, { n: 2, offset: 1 }).data]).toEqual([4, 5, 6]);
    const affine: Matrix = { rows: 1, cols: 4, data: Float32Array.of(1, 0, -1, 10) };
    expect([...transformFeats(feats, affine).data]).toEqual([8, 8]);
    expect(() => transformFeats(feats, { ...affine, cols: 2 })).toThrow('expected 3 or 4 columns');
    expect(() => selectColumns(feats, [3])).toThrow('expected numbers from 0 to 2, found 3');
    expect(() => pasteFeats([feats, random(4, 1)], 1)).toThrow('up to 1 frames, found 2, 4');
  });

  test('as stages', async () => {
    const items: Item<Matrix>[] = [
      ['a', random(30, 3)],
      ['b', random(5, 3)],
    ];
    const stages: ((options?: object) => Stage<Item<Matrix>, Item<Matrix>>)[] = [
      (o) => deltas({}, o),
      (o) => splice({}, o),
      (o) => cmvnSliding({}, o),
      (o) => cmvnOnline(cmvnStats(random(9, 3)), {}, o),
      (o) => subsample({ n: 3 }, o),
      (o) => voicedFrames({ vadEnergyThreshold: 0 }, o),
      (o) => select('2,0-1', o),
      (o) => transform(random(2, 3), o),
      (o) => paste(() => [random(5, 1)], { lengthTolerance: 25, ...o }),
    ];
    for (const make of stages) {
      await testStage({ make, items, abortable: true });
      expect(await pipe(items, make(), (source) => collect(source))).toEqual(await collect(make()(items)));
    }
    await expect(collect(transform(() => undefined)(items))).rejects.toThrow("key 'a': expected a transform");
  });
});
