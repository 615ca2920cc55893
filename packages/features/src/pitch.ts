import { type Matrix, matrix } from '@jebena/io-ark';
import { UsageError, resolveOptions } from '@jebena/options';
import { FeatureError } from './errors.js';
import { type PitchOptions, pitchOptions } from './pitch-options.js';
import { PitchTracker } from './pitch-tracker.js';
import type { ComputeOptions } from './wave-feature.js';

/**
 * Kaldi's pitch: for each frame the correlation at the pitch's lag (-1 to 1, near 1 where voiced) and the pitch in
 * hertz, without gaps (Ghahremani et al. 2014).
 *
 * @example
 * ```ts
 * const raw = new Pitch({ sampleFrequency: 8000 }).compute(samples); // frames x 2
 * const features = processPitch(raw); // frames x 3
 * ```
 */
export class Pitch {
  readonly dim = 2;
  private readonly options: PitchOptions;

  /** @throws UsageError for options out of range or that do not fit each other */
  constructor(options: Partial<PitchOptions> = {}) {
    const o = (this.options = resolveOptions(pitchOptions, options));
    if (!(o.maxF0 > o.minF0 && o.softMinF0 <= o.minF0))
      throw new UsageError(
        `pitch: expected soft-min-f0 <= min-f0 < max-f0, found ${o.softMinF0}, ${o.minF0}, ${o.maxF0}`,
      );
    if (o.simulateFirstPassOnline && o.framesPerChunk === 0)
      throw new UsageError('pitch: expected frames-per-chunk above 0 with simulate-first-pass-online, found 0');
    void new PitchTracker(o);
  }

  /** @throws FeatureError for a rate other than the option's */
  compute(samples: Float32Array, { sampleRate }: ComputeOptions = {}): Matrix {
    const o = this.options;
    if (sampleRate !== undefined && sampleRate !== o.sampleFrequency)
      throw new FeatureError(`expected a wave of ${o.sampleFrequency} Hz, found one of ${sampleRate} Hz`);
    const online = this.online();
    const piece = o.framesPerChunk
      ? Math.trunc((o.framesPerChunk * o.sampleFrequency * o.frameShift) / 1000)
      : samples.length;
    const firstPass: Matrix[] = [];
    for (let at = 0; at < samples.length; at += piece) firstPass.push(online.push(samples.subarray(at, at + piece)));
    firstPass.push(online.flush());
    const final = online.final();
    if (final.rows === 0) return matrix(0, 0);
    if (!o.simulateFirstPassOnline) return final;
    const rows = firstPass.reduce((sum, part) => sum + part.rows, 0);
    const all = matrix(rows, 2);
    let at = 0;
    for (const part of firstPass) {
      all.data.set(part.data, at);
      at += part.data.length;
    }
    return all;
  }

  /** Pitch as samples come; see {@link OnlinePitch}. */
  online(): OnlinePitch {
    return new OnlinePitch(new PitchTracker(this.options));
  }
}

/**
 * Pitch as samples come. Each frame is given once, as soon as it is known, which later samples may revise: `final`
 * gives them all as they stand at the end. With `nccfBallastOnline` that is what a whole wave gives; without, the
 * energy that the correlation is weighed against depends on how much was heard (Kaldi's `framesPerChunk`).
 */
export class OnlinePitch {
  private given = 0;
  constructor(private readonly tracker: PitchTracker) {}

  /** Takes samples; gives the frames (correlation, pitch) that became ready. */
  push(samples: Float32Array): Matrix {
    this.tracker.push(samples);
    return this.take();
  }

  /** Ends the wave; gives the frames that are left. */
  flush(): Matrix {
    this.tracker.flush();
    return this.take();
  }

  /** Every frame as it stands now. */
  final(): Matrix {
    return this.read(0);
  }

  private take(): Matrix {
    const fresh = this.read(this.given);
    this.given = Math.max(this.given, this.tracker.framesReady);
    return fresh;
  }

  private read(from: number): Matrix {
    const rows = Math.max(0, this.tracker.framesReady - from);
    const frames = matrix(rows, 2);
    for (let r = 0; r < rows; r++) this.tracker.read(from + r, frames.data, 2 * r);
    return frames;
  }
}
