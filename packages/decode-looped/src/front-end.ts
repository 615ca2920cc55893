import {
  OnlineCmvn,
  type OnlineCmvnOptions,
  type OnlineCmvnState,
  type OnlineFrames,
  type OnlineFramesState,
  type WaveFeature,
} from '@jebena/features';
import type { AnyMatrix, Matrix } from '@jebena/io-ark';

/** How a model's features are normalised as they come (Kaldi's OnlineCmvn). */
export interface CmvnParts {
  /** Of the corpus that the model was trained on, as matrix-sum gives them. */
  readonly globalStats: AnyMatrix;
  readonly options?: Partial<OnlineCmvnOptions> | undefined;
}

/** Where a front end stands, as plain data. */
export interface FrontEndState {
  readonly sampleRate: number;
  readonly heard: number;
  readonly frames: OnlineFramesState;
  readonly cmvn?: OnlineCmvnState | undefined;
}

export interface FrontEndOptions {
  readonly cmvn?: CmvnParts | undefined;
  /** Statistics of what the speaker said before. */
  readonly speakerStats?: AnyMatrix | undefined;
  /** Where another one of the same model and rate stood, to go on from. */
  readonly state?: FrontEndState | undefined;
}

/** Samples in, rows of features for the network out: resampling, features, normalisation. */
export class FrontEnd {
  private readonly frames: OnlineFrames;
  private readonly cmvn: OnlineCmvn | undefined;
  private heard = 0;

  /**
   * @param sampleRate of the samples; they are resampled to the feature's
   * @throws FeatureError for a rate that the feature's options refuse
   */
  constructor(
    feature: WaveFeature,
    readonly sampleRate: number,
    { cmvn, speakerStats, state }: FrontEndOptions = {},
  ) {
    this.frames = feature.online({ sampleRate }, state?.frames);
    if (cmvn) this.cmvn = new OnlineCmvn(cmvn.globalStats, cmvn.options, speakerStats);
    if (!state) return;
    this.heard = state.heard;
    if (state.cmvn) this.cmvn?.restore(state.cmvn);
  }

  /** Where it stands; it may go on meanwhile. */
  state(): FrontEndState {
    const { sampleRate, heard, frames, cmvn } = this;
    return { sampleRate, heard, frames: frames.state(), cmvn: cmvn?.state() };
  }

  /**
   * @param samples in the range of 16-bit integers, of any number
   * @throws RangeError for samples that are not finite
   */
  push(samples: Float32Array): Matrix {
    const wrong = samples.findIndex((s) => !Number.isFinite(s));
    if (wrong >= 0)
      throw new RangeError(
        `recogniser: expected finite samples, found ${samples[wrong]} at sample ${this.heard + wrong}`,
      );
    this.heard += samples.length;
    return this.normalised(this.frames.push(samples));
  }

  /** Ends the samples; gives the rows that are left. */
  flush(): Matrix {
    return this.normalised(this.frames.flush());
  }

  private normalised(rows: Matrix): Matrix {
    return this.cmvn ? this.cmvn.push(rows) : rows;
  }
}
