import {
  type ComputeOptions,
  type WaveFeature,
  Fbank,
  Mfcc,
  Pitch,
  Plp,
  Spectrogram,
  frameGeometry,
  frameOptions,
  numFrames,
  processPitch,
} from '@jebena/features';
import { resolveOptions } from '@jebena/options';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinRows, pieces } from './support/pieces.js';

const kinds = {
  Fbank: new Fbank({ dither: 0 }),
  Mfcc: new Mfcc({ dither: 0 }),
  Plp: new Plp({ dither: 0 }),
  'Plp without energy': new Plp({ dither: 0, useEnergy: false }),
  Spectrogram: new Spectrogram({ dither: 0 }),
  'complex Spectrogram': new Spectrogram({ dither: 0, returnRawFft: true }),
  Pitch: new Pitch(),
};

describe('waves at the edge', () => {
  test.each(Object.entries(kinds))('%s is finite for silence, a constant and full scale', (_, feature) => {
    for (const sample of [() => 0, () => 100, (n: number) => (n % 2 ? 32767 : -32768)]) {
      const found = feature.compute(Float32Array.from({ length: 4000 }, (_, n) => sample(n)));
      expect(found.rows).toBeGreaterThan(20);
      expect(found.cols).toBe(feature.dim);
      expect(found.data.every(Number.isFinite)).toBe(true);
      if (feature instanceof Pitch) expect(processPitch(found).data.every(Number.isFinite)).toBe(true);
    }
  });

  test.each(Object.entries(kinds))('%s of a wave shorter than a frame has no rows', (_, feature) => {
    for (const length of [0, 1, 380]) expect(feature.compute(new Float32Array(length)).rows).toBe(0);
  });

  test('without snipping, even one sample makes frames, reflected as often as it takes', () => {
    const feature = new Mfcc({ dither: 0, snipEdges: false });
    expect(feature.compute(Float32Array.of(5)).rows).toBe(0);
    const found = feature.compute(Float32Array.from({ length: 90 }, (_, n) => n));
    expect([found.rows, found.data.every(Number.isFinite)]).toEqual([1, true]);
  });

  test('as many frames online as in the whole, whatever the sizes', () => {
    const sizes = fc.record({
      frameLength: fc.integer({ min: 2, max: 60 }),
      frameShift: fc.integer({ min: 1, max: 40 }),
      snipEdges: fc.boolean(),
      length: fc.integer({ min: 0, max: 3000 }),
      piece: fc.integer({ min: 1, max: 700 }),
    });
    fc.assert(
      fc.property(sizes, ({ length, piece, ...options }) => {
        const given = { ...options, dither: 0, sampleFrequency: 8000 };
        const geometry = frameGeometry(resolveOptions(frameOptions, given));
        const online = new Spectrogram(given).online();
        const samples = new Float32Array(length);
        let rows = 0;
        for (let at = 0; at < length; at += piece) {
          rows += online.push(samples.subarray(at, at + piece)).rows;
          expect(rows).toBe(numFrames(Math.min(length, at + piece), geometry, false));
        }
        rows += online.flush().rows;
        expect(rows).toBe(numFrames(length, geometry));
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  test('dither and resampling give the same numbers online', () => {
    const samples = Float32Array.from({ length: 6000 }, (_, n) => 3000 * Math.sin(n * n));
    for (const [feature, options] of [
      [new Fbank(), { seed: 7 }],
      [new Mfcc({ sampleFrequency: 8000, allowDownsample: true, snipEdges: false }), { seed: 7, sampleRate: 16000 }],
      [new Mfcc({ allowUpsample: true, dither: 0 }), { sampleRate: 11025 }],
    ] as [WaveFeature, ComputeOptions][]) {
      const online = feature.online(options);
      const parts = [...Array.from(pieces(samples), (piece) => online.push(piece)), online.flush()];
      expect(joinRows(parts)).toEqual(feature.compute(samples, options));
    }
    expect(kinds.Mfcc.compute(samples)).not.toEqual(new Mfcc().compute(samples));
  });

  test('sizes that hold no sample are refused', () => {
    expect(() => new Mfcc({ frameShift: 0.01 })).toThrow('a shift of at least 1, found 400 and 0');
    expect(() => new Mfcc({ numCeps: 30 })).toThrow("option 'numCeps': expected at most 23 (the mel bins), found 30");
    expect(() => new Fbank({ numMelBins: 500 })).toThrow('too many');
    expect(() => new Fbank({ highFreq: 9000 })).toThrow('low-freq < high-freq <= 8000');
    expect(() => new Plp({ numCeps: 20 })).toThrow('at most 13 (lpc-order + 1), found 20');
  });
});
