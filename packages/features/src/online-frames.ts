import { type Matrix, matrix } from '@jebena/io-ark';
import { type FrameGeometry, firstSampleOfFrame, numFrames } from './frame-options.js';
import type { Random } from './random.js';
import type { LinearResample, LinearResampleState } from './linear-resample.js';

/** Where the features of a wave stand, as plain data. */
export interface OnlineFramesState {
  readonly kept: Float32Array;
  readonly offset: number;
  readonly done: number;
  readonly ended: boolean;
  readonly resampler?: LinearResampleState | undefined;
  /** Of the dither. */
  readonly random?: readonly number[] | undefined;
}

type ComputeFrames = (samples: Float32Array, offset: number, from: number, to: number) => Matrix;

/** Features of a wave that comes piece by piece; see `WaveFeature.online`. */
export class OnlineFrames {
  private kept: Float32Array = new Float32Array(0);
  private offset = 0;
  private done = 0;
  private ended = false;

  constructor(
    private readonly geometry: FrameGeometry,
    private readonly dim: number,
    private readonly compute: ComputeFrames,
    private readonly resampler?: LinearResample,
    private readonly random?: Random,
  ) {}

  /** Where it stands; it may go on meanwhile. `WaveFeature.online` goes on from there. */
  state(): OnlineFramesState {
    const { kept, offset, done, ended, resampler, random } = this;
    return { kept: kept.slice(), offset, done, ended, resampler: resampler?.state(), random: random?.state() };
  }

  restore({ kept, offset, done, ended, resampler }: OnlineFramesState): void {
    this.kept = kept.slice();
    this.offset = offset;
    this.done = done;
    this.ended = ended;
    if (resampler) this.resampler?.restore(resampler);
  }

  /** Frames given so far. */
  get framesDone(): number {
    return this.done;
  }

  /** Takes samples, of any number; gives the frames that they complete. */
  push(samples: Float32Array): Matrix {
    if (this.ended) throw new Error('OnlineFrames: push after flush');
    return this.take(this.resampler ? this.resampler.push(samples) : samples, false);
  }

  /** Ends the wave; gives the frames that are left. */
  flush(): Matrix {
    if (this.ended) return matrix(0, this.dim);
    this.ended = true;
    return this.take(this.resampler ? this.resampler.flush() : new Float32Array(0), true);
  }

  private take(samples: Float32Array, flush: boolean): Matrix {
    const { geometry } = this;
    const joined = new Float32Array(this.kept.length + samples.length);
    joined.set(this.kept);
    joined.set(samples, this.kept.length);
    const total = this.offset + joined.length;
    const frames = Math.max(this.done, numFrames(total, geometry, flush));
    const features = frames > this.done ? this.compute(joined, this.offset, this.done, frames) : matrix(0, this.dim);
    this.done = frames;
    // A frame at the end may be reflected: keep a frame's worth beyond what the next frame starts with.
    const needed = Math.min(firstSampleOfFrame(frames, geometry), total - geometry.size);
    const keepFrom = Math.max(0, needed - this.offset);
    this.kept = joined.slice(keepFrom);
    this.offset += keepFrom;
    return features;
  }
}
