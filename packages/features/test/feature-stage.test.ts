import { type Wave, fbank, mfcc, pitch, plp, processedPitch, spectrogram } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';
import { type Item, type Stage, collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { pipe } from 'it-pipe';
import { describe, expect, test } from 'vitest';

const tone = (hertz: number, sampleRate = 16000): Wave => ({
  sampleRate,
  channels: [Float32Array.from({ length: 4000 }, (_, n) => 1000 * Math.sin((2 * Math.PI * hertz * n) / sampleRate))],
});
const items: [string, Wave][] = [
  ['a', tone(440)],
  ['b', tone(1000)],
];

describe('features as stages', () => {
  test.each<[string, number, (options?: object) => Stage<Item<Wave>, Item<Matrix>>]>([
    ['fbank', 40, (o) => fbank({ numMelBins: 40 }, o)],
    ['mfcc', 13, (o) => mfcc({}, o)],
    ['plp', 13, (o) => plp({}, o)],
    ['spectrogram', 257, (o) => spectrogram({}, o)],
    ['pitch', 2, (o) => pitch({}, o)],
  ])('%s keeps the contract of stages and runs in a pipe', async (_, cols, make) => {
    await testStage({ make, items, abortable: true });
    const found = await pipe(items, make(), (source) => collect(source));
    expect(found.map(([key, m]) => [key, m.cols])).toEqual([
      ['a', cols],
      ['b', cols],
    ]);
    expect(found.every(([, m]) => m.rows >= 22 && m.data.every(Number.isFinite))).toBe(true);
  });

  test('pitch and its processing follow one another', async () => {
    const found = await pipe(items, pitch(), processedPitch({}, { seed: 2 }), (source) => collect(source));
    expect(found.map(([, m]) => m.cols)).toEqual([3, 3]);
    await testStage({ make: (o) => processedPitch({}, o), items: await collect(pitch()(items)), abortable: true });
  });

  test('dither comes from the seed and the key alone', async () => {
    const run = (order: [string, Wave][], seed: number) => collect(fbank({}, { seed })(order));
    const [a] = await run(items, 1);
    expect((await run([...items].reverse(), 1))[1]).toEqual(a);
    expect((await run(items, 2))[0]).not.toEqual(a);
  });

  test('a wave of another rate is refused with its key, or resampled where allowed', async () => {
    const slow: [string, Wave][] = [['slow', tone(440, 8000)]];
    await expect(collect(fbank()(slow))).rejects.toThrow(
      "key 'slow': expected a wave of 16000 Hz, found one of 8000 Hz (allow-upsample lets it be resampled)",
    );
    const resampled = await collect(fbank({ allowUpsample: true })(slow));
    expect(resampled[0]![1].rows).toBe(48);
    await expect(collect(fbank({}, { channel: 1 })(items))).rejects.toThrow("key 'a': expected a channel 1, found 1");
  });
});
