import { LinearResample, resample, speedPerturb, speedPerturbedLength, volumePerturb } from '@jebena/features';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const tone = (hertz: number, rate: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / rate));

describe('resampling', () => {
  test.each([
    [16000, 8000],
    [8000, 16000],
    [44100, 16000],
    [16000, 44100],
    [11025, 8000],
  ])('a tone keeps its frequency and size from %i to %i Hz', (from, to) => {
    const found = resample(tone(440, from, from / 5), from, to);
    const wanted = tone(440, to, found.length);
    expect(found.length).toBe(Math.ceil((from / 5) * (to / from)));
    for (let n = 100; n < found.length - 100; n++) expect(Math.abs(found[n]! - wanted[n]!)).toBeLessThan(0.01);
  });

  test('pieces give what the whole gives', () => {
    const samples = tone(440, 16000, 1000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }), (cuts) => {
        const resampler = new LinearResample(16000, 11025);
        const found: number[] = [];
        let at = 0;
        for (const n of cuts) {
          found.push(...resampler.push(samples.slice(at, at + n)));
          at += n;
        }
        found.push(...resampler.flush(samples.slice(at)));
        expect(found).toEqual([...resample(samples, 16000, 11025)]);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test('rates and filters that cannot be are refused', () => {
    expect(() => resample(new Float32Array(9), 8000.5, 8000)).toThrow('whole number of hertz, found 8000.5');
    expect(() => new LinearResample(8000, 16000, { cutoff: 5000 })).toThrow('cut-off of at most 4000 Hz, found 5000');
  });

  test('speed changes length and pitch, volume the size', () => {
    const samples = tone(400, 8000, 8000);
    const fast = speedPerturb(samples, 1.1);
    expect(fast.length).toBe(Math.ceil(8000 / 1.1));
    expect(fast.length).toBe(speedPerturbedLength(8000, 1.1));
    const wanted = tone(440, 8000, fast.length);
    for (let n = 100; n < fast.length - 100; n++) expect(Math.abs(fast[n]! - wanted[n]!)).toBeLessThan(0.01);
    expect(volumePerturb(Float32Array.of(1, -2), 1.5)).toEqual(Float32Array.of(1.5, -3));
    expect(() => speedPerturb(samples, 0)).toThrow('speed: expected a factor of 0.001 or more, found 0');
  });
});
