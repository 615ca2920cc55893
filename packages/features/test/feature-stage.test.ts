import { type Wave, fbank, mfcc } from '@jebena/features';
import { collect } from '@jebena/stream';
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
  test('keep the contract of stages', async () => {
    await testStage({ make: (o) => fbank({ numMelBins: 40 }, o), items, abortable: true });
    await testStage({ make: (o) => mfcc({}, o), items, abortable: true });
  });

  test('run in a pipe', async () => {
    const found = await pipe(items, fbank({ numMelBins: 40, dither: 0 }), (source) => collect(source));
    expect(found.map(([key, m]) => [key, m.rows, m.cols])).toEqual([
      ['a', 23, 40],
      ['b', 23, 40],
    ]);
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
