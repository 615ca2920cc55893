import { Pitch, ProcessPitch, processPitch } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import { describe, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { expectClose } from './support/close.js';
import { joinRows, pieces } from './support/pieces.js';
import { goldenArk, goldenWaves } from './support/tables.js';

/** A tone with harmonics whose pitch glides from 100 to 200 Hz. */
const glide = (length: number): Float32Array => {
  let phase = 0;
  return Float32Array.from({ length }, (_, n) => {
    phase += (2 * Math.PI * (100 + (100 * n) / length)) / 8000;
    return 3000 * (Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.3 * Math.sin(3 * phase));
  });
};

describe("Kaldi's pitch", () => {
  testShared('pitch', async () => {
    const golden = await goldenArk('feat/pitch.ark');
    const pitch = new Pitch({ sampleFrequency: 8000 });
    for (const [key, wave] of await goldenWaves('wav.scp'))
      expectClose(pitch.compute(wave.channels[0]!), golden.get(key)!);
  });

  testShared('pitch_processed', async () => {
    const golden = await goldenArk('feat/pitch_processed.ark');
    const options = { addRawLogPitch: true, deltaPitchNoiseStddev: 0 };
    for (const [key, raw] of await goldenArk('feat/pitch.ark'))
      expectClose(processPitch(raw as Matrix, options), golden.get(key)!);
  });

  test('follows a glide to one percent', () => {
    const found = new Pitch({ sampleFrequency: 8000 }).compute(glide(16000));
    expect(found.rows).toBe(198);
    for (let r = 5; r < found.rows - 5; r++) {
      const wanted = 100 + (100 * (80 * r + 100)) / 16000;
      expect(found.data[2 * r]!).toBeGreaterThan(0.95);
      expect(Math.abs(found.data[2 * r + 1]! / wanted - 1)).toBeLessThan(0.02);
    }
  });

  test('pieces give what the whole gives, where the energy is taken online', () => {
    const pitch = new Pitch({ sampleFrequency: 8000, nccfBallastOnline: true });
    const samples = glide(64000);
    const online = pitch.online();
    for (const piece of pieces(samples)) online.push(piece);
    online.flush();
    expect(online.final()).toEqual(pitch.compute(samples));
  });

  test('a first pass gives as many frames as the last, snipped or not', () => {
    for (const snipEdges of [true, false]) {
      const options = { sampleFrequency: 8000, framesPerChunk: 10, snipEdges, maxFramesLatency: 20 };
      const last = new Pitch(options).compute(glide(8000));
      const first = new Pitch({ ...options, simulateFirstPassOnline: true }).compute(glide(8000));
      expect([first.rows, last.rows]).toEqual(snipEdges ? [98, 98] : [100, 100]);
    }
  });

  test('processing in pieces gives what the whole gives, delayed or not', () => {
    const raw = new Pitch({ sampleFrequency: 8000 }).compute(glide(32000));
    for (const delay of [0, 5]) {
      const whole = processPitch(raw, { delay }, 3);
      const process = new ProcessPitch({ delay }, 3);
      const parts = Array.from({ length: raw.rows }, (_, r) =>
        process.push({ rows: 1, cols: 2, data: raw.data.slice(2 * r, 2 * r + 2) }),
      );
      expect(joinRows([...parts, process.flush()])).toEqual(whole);
      expect(whole.rows).toBe(raw.rows + delay);
    }
  });

  test('options that do not fit are refused', () => {
    expect(() => new Pitch({ minF0: 500 })).toThrow('expected soft-min-f0 <= min-f0 < max-f0, found 10, 500, 400');
    expect(() => processPitch({ rows: 1, cols: 3, data: new Float32Array(3) })).toThrow('2 columns, found 3');
  });
});
