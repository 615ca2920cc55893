import type { Wave } from '@jebena/io-ark';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import type { Recogniser, Recognition } from './recogniser.js';

/** Samples that are given to the recogniser at a time: a fifth of a second. */
const pieceSeconds = 0.2;

/** Recognises each wave, as it would be heard: piece by piece, its first channel, resampled to the model's rate. */
export const recognise = (recogniser: Recogniser, options?: StageOptions): Stage<Item<Wave>, Item<Recognition>> =>
  stage(
    () => ({
      push: async ([key, { sampleRate, channels }]: Item<Wave>): Promise<Item<Recognition>[]> => {
        const samples = channels[0] ?? new Float32Array(0);
        const stream = recogniser.stream(sampleRate);
        try {
          const piece = Math.round(pieceSeconds * sampleRate);
          for (let at = 0; at < samples.length; at += piece) await stream.push(samples.subarray(at, at + piece));
          return [[key, await stream.finish()]];
        } finally {
          stream.dispose();
        }
      },
    }),
    options,
  );
