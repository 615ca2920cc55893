import { type Matrix, type Wave, matrix } from '@jebena/io-ark';
import { type OptionValues, atLeast, bool, defineOptions, float, resolveOptions } from '@jebena/options';
import { type Item, type Stage, stage } from '@jebena/stream';
import { FeatureError } from './errors.js';
import type { FeatureStageOptions } from './feature-stage.js';
import { type FrameGeometry, numFrames } from './frame-options.js';
import { OnlineFrames } from './online-frames.js';

/** How raw samples are cut for models that learn their own filters (SincNet). */
export const rawChunkOptions = defineOptions({
  sampleFrequency: float(16000, 'Sample frequency of the waves in hertz', atLeast(1)),
  chunkLength: float(200, 'Length of a chunk in milliseconds', atLeast(0)),
  chunkShift: float(10, 'Shift from chunk to chunk in milliseconds', atLeast(0)),
  normalize: bool(true, 'Scale samples from the range of 16-bit integers to -1 to 1'),
});

export type RawChunkOptions = OptionValues<typeof rawChunkOptions>;

/**
 * Overlapping chunks of raw samples, made when they are asked for: at a shift of 10 ms they would take twenty times the
 * space of the wave.
 */
export class RawChunks {
  /** Samples of a chunk. */
  readonly dim: number;
  private readonly geometry: FrameGeometry;
  private readonly options: RawChunkOptions;

  constructor(options: Partial<RawChunkOptions> = {}) {
    const o = (this.options = resolveOptions(rawChunkOptions, options));
    const samples = (ms: number): number => Math.round((o.sampleFrequency * ms) / 1000);
    this.dim = samples(o.chunkLength);
    const shift = samples(o.chunkShift);
    if (this.dim < 1 || shift < 1)
      throw new RangeError(`chunks: expected 1 sample or more, found a length of ${this.dim} and a shift of ${shift}`);
    this.geometry = { size: this.dim, shift, paddedSize: this.dim, snipEdges: true };
  }

  /** Chunks of a wave that lie wholly in it. */
  count(samples: number): number {
    return numFrames(samples, this.geometry);
  }

  /** Chunks `from` to `to` (all when left out), one a row. */
  rows(samples: Float32Array, from: number = 0, to: number = this.count(samples.length)): Matrix {
    return this.cut(samples, 0, from, to);
  }

  /** Chunks as samples come. */
  online(): OnlineFrames {
    return new OnlineFrames(this.geometry, this.dim, (samples, offset, from, to) =>
      this.cut(samples, offset, from, to),
    );
  }

  private cut(samples: Float32Array, offset: number, from: number, to: number): Matrix {
    const result = matrix(to - from, this.dim);
    for (let r = 0; r < result.rows; r++) {
      const start = (from + r) * this.geometry.shift - offset;
      result.data.set(samples.subarray(start, start + this.dim), r * this.dim);
    }
    if (this.options.normalize) for (let i = 0; i < result.data.length; i++) result.data[i] = result.data[i]! / 32768;
    return result;
  }
}

/**
 * Raw chunks of each wave, at most `rowsAtOnce` a matrix: items of one key follow one another, and memory holds one.
 *
 * @throws FeatureError for waves of another rate
 */
export function rawChunks(
  options: Partial<RawChunkOptions> = {},
  { channel = 0, rowsAtOnce = 100, signal }: FeatureStageOptions & { rowsAtOnce?: number } = {},
): Stage<Item<Wave>, Item<Matrix>> {
  const chunks = new RawChunks(options);
  const { sampleFrequency } = resolveOptions(rawChunkOptions, options);
  function* push([key, wave]: Item<Wave>): Generator<Item<Matrix>> {
    if (wave.sampleRate !== sampleFrequency)
      throw new FeatureError(`key '${key}': expected a wave of ${sampleFrequency} Hz, found ${wave.sampleRate} Hz`);
    const samples = wave.channels[channel];
    if (!samples)
      throw new FeatureError(`key '${key}': expected a channel ${channel}, found ${wave.channels.length} channels`);
    const count = chunks.count(samples.length);
    for (let from = 0; from < count; from += rowsAtOnce)
      yield [key, chunks.rows(samples, from, Math.min(count, from + rowsAtOnce))];
  }
  return stage(() => ({ push }), { signal });
}
