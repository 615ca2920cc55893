import { type Stage, type StageOptions, stage } from '@jebena/stream';
import type { RecognitionEvent } from './recognition-event.js';
import type { Recogniser } from './recogniser.js';
import type { StreamOptions } from './stream-options.js';

export interface RecogniseStreamOptions extends StageOptions, StreamOptions {
  /** Samples a second; the model's own rate unless given. */
  readonly sampleRate?: number | undefined;
}

/**
 * Samples (in the range of 16-bit integers) of one recording or microphone in, events out: partial results as they
 * change, and a final one at each end that the five rules find and at the end of the stream.
 *
 * @example
 * ```ts
 * for await (const event of pipe(microphone, recogniseStream(recogniser, { sampleRate: 48000 })))
 *   if (event.type === 'final') console.log(event.text);
 * ```
 */
export const recogniseStream = (
  recogniser: Recogniser,
  { sampleRate, signal, ...options }: RecogniseStreamOptions = {},
): Stage<Float32Array, RecognitionEvent> =>
  stage(
    () => {
      const stream = recogniser.events(sampleRate, options);
      return {
        push: (samples: Float32Array) => stream.push(samples),
        flush: () => stream.finish(),
        close: () => stream.dispose(),
      };
    },
    { signal },
  );
