import { type Matrix, matrix } from '@jebena/io-ark';
import {
  UsageError,
  type OptionValues,
  atLeast,
  bool,
  defineOptions,
  float,
  int,
  resolveOptions,
} from '@jebena/options';
import { FeatureError } from './errors.js';
import { Random } from './random.js';

/** Every option of Kaldi's ProcessPitchOptions (feat/pitch-functions.h). */
export const processPitchOptions = defineOptions({
  pitchScale: float(2, 'Factor of the normalised log pitch'),
  povScale: float(2, 'Factor of the voicing feature'),
  povOffset: float(0, 'Added to the voicing feature'),
  deltaPitchScale: float(10, 'Factor of the delta of the log pitch'),
  deltaPitchNoiseStddev: float(0.005, 'Deviation of the noise added to the delta, before its factor', atLeast(0)),
  normalizationLeftContext: int(75, 'Frames before, over which the log pitch is normalised', atLeast(0)),
  normalizationRightContext: int(75, 'Frames after, over which the log pitch is normalised', atLeast(0)),
  deltaWindow: int(2, 'Frames on either side that the delta is computed from', atLeast(1)),
  delay: int(0, 'Frames by which the result is delayed', atLeast(0)),
  addPovFeature: bool(true, 'Give the voicing feature'),
  addNormalizedLogPitch: bool(true, 'Give the log pitch less its mean nearby, weighed by voicing'),
  addDeltaPitch: bool(true, 'Give the time derivative of the log pitch'),
  addRawLogPitch: bool(false, 'Give the log pitch'),
});

export type ProcessPitchOptions = OptionValues<typeof processPitchOptions>;

/** The voicing feature of a correlation: `(1.0001 - n)^0.15 - 1`, roughly normally distributed. */
const povFeature = (nccf: number): number => (1.0001 - Math.min(1, Math.max(-1, nccf))) ** 0.15 - 1;

/** The probability of voicing of a correlation, fitted by Kaldi's authors to the Keele corpus. */
function probabilityOfVoicing(nccf: number): number {
  const n = Math.min(1, Math.abs(nccf));
  const ratio = -5.2 + 5.4 * Math.exp(7.5 * (n - 1)) + 4.8 * n - 2 * Math.exp(-10 * n) + 4.2 * Math.exp(20 * (n - 1));
  return 1 / (1 + Math.exp(-ratio));
}

/**
 * Turns raw pitch into features as frames come, with the numbers of the whole: a frame is given once the frames that
 * it is normalised over are there.
 */
export class ProcessPitch {
  /** Columns of the result. */
  readonly dim: number;
  private readonly options: ProcessPitchOptions;
  private readonly random: Random;
  private readonly left: number;
  private readonly right: number;
  /** Raw rows from frame `base` on: those that later frames need. */
  private rows: { pov: number; weight: number; logPitch: number }[] = [];
  private base = 0;
  private given = 0;

  /** @throws UsageError for options out of range, or that ask for no column */
  constructor(options: Partial<ProcessPitchOptions> = {}, seed: number = 0) {
    const o = (this.options = resolveOptions(processPitchOptions, options));
    this.dim = [o.addPovFeature, o.addNormalizedLogPitch, o.addDeltaPitch, o.addRawLogPitch].filter(Boolean).length;
    if (this.dim === 0)
      throw new UsageError('process-pitch: expected at least one feature to be asked for, found none');
    this.random = new Random(seed);
    this.left = Math.max(o.normalizationLeftContext, o.deltaWindow);
    this.right = Math.max(o.normalizationRightContext, o.deltaWindow);
  }

  /**
   * @param raw rows of correlation and pitch in hertz
   * @throws FeatureError for anything else
   */
  push(raw: Matrix): Matrix {
    if (raw.rows > 0 && raw.cols !== 2)
      throw new FeatureError(`process-pitch: expected raw pitch of 2 columns, found ${raw.cols}`);
    for (let r = 0; r < raw.rows; r++) {
      const [nccf, pitch] = [raw.data[2 * r]!, raw.data[2 * r + 1]!];
      if (!(pitch > 0)) throw new FeatureError(`process-pitch: expected a pitch above 0 in frame ${r}, found ${pitch}`);
      this.rows.push({
        pov: povFeature(nccf),
        weight: Math.fround(probabilityOfVoicing(nccf)),
        logPitch: Math.fround(Math.log(pitch)),
      });
    }
    return this.give(this.end - this.right);
  }

  /** Ends the utterance; gives the frames that are left. */
  flush(): Matrix {
    return this.give(this.end + this.options.delay);
  }

  private get end(): number {
    return this.base + this.rows.length;
  }

  /** Gives frames up to `until`: those that stand `delay` after the raw frame that they describe. */
  private give(until: number): Matrix {
    const o = this.options;
    const count = this.end === 0 ? 0 : Math.max(0, until - this.given);
    const out = matrix(count, this.dim);
    for (let r = 0; r < count; r++, this.given++) this.write(Math.max(0, this.given - o.delay), out.data, r * this.dim);
    const drop = Math.min(this.rows.length, Math.max(0, this.given - o.delay - this.left - this.base));
    this.rows.splice(0, drop);
    this.base += drop;
    return out;
  }

  private write(frame: number, out: Float32Array, at: number): void {
    const o = this.options;
    const row = this.rows[frame - this.base]!;
    let to = at;
    if (o.addPovFeature) out[to++] = o.povScale * row.pov + o.povOffset;
    if (o.addNormalizedLogPitch) out[to++] = (row.logPitch - this.meanAround(frame)) * o.pitchScale;
    if (o.addDeltaPitch) {
      const noise = o.deltaPitchNoiseStddev === 0 ? 0 : this.random.gaussian() * o.deltaPitchNoiseStddev;
      out[to++] = (this.delta(frame) + noise) * o.deltaPitchScale;
    }
    if (o.addRawLogPitch) out[to++] = row.logPitch;
  }

  private meanAround(frame: number): number {
    const o = this.options;
    let weights = 0;
    let sum = 0;
    const last = Math.min(frame + o.normalizationRightContext + 1, this.end);
    for (let f = Math.max(0, frame - o.normalizationLeftContext); f < last; f++) {
      const { weight, logPitch } = this.rows[f - this.base]!;
      weights += weight;
      sum += weight * logPitch;
    }
    return sum / weights;
  }

  private delta(frame: number): number {
    const window = this.options.deltaWindow;
    let sum = 0;
    let squares = 0;
    for (let j = -window; j <= window; j++) {
      const f = Math.min(Math.max(0, frame + j), this.end - 1);
      sum += j * this.rows[f - this.base]!.logPitch;
      squares += j * j;
    }
    return sum / squares;
  }
}

/** Turns the raw pitch of an utterance into features, as Kaldi's process-kaldi-pitch-feats. */
export function processPitch(raw: Matrix, options: Partial<ProcessPitchOptions> = {}, seed: number = 0): Matrix {
  const stream = new ProcessPitch(options, seed);
  const first = stream.push(raw);
  const rest = stream.flush();
  const all = matrix(first.rows + rest.rows, stream.dim);
  all.data.set(first.data);
  all.data.set(rest.data, first.data.length);
  return all;
}
