import type { Random } from '@jebena/features';
import type { Matrix } from '@jebena/io-ark';

/** log(exp(x) + exp(y)): what two sounds give together, of their log powers (their phases do not matter on average). */
export const addPowers = (x: number, y: number): number =>
  x > y ? x + Math.log1p(Math.exp(y - x)) : y + Math.log1p(Math.exp(x - y));

/** A smooth curve over `size` places: `knots` + 1 draws with a deviation, and cosines between them. */
export function smoothCurve(random: Random, size: number, deviation: number, knots: number): Float32Array {
  const values = Array.from({ length: knots + 1 }, () => random.gaussian() * deviation);
  return Float32Array.from({ length: size }, (_, i) => {
    const at = (i / (size - 1)) * knots;
    const left = Math.min(knots - 1, Math.floor(at));
    const part = (1 - Math.cos(Math.PI * (at - left))) / 2;
    return values[left]! * (1 - part) + values[left + 1]! * part;
  });
}

/** Noises of any colour, made of the features of white noise. */
export class NoiseMaker {
  /** Mean log power of the white noise. */
  private readonly level: number;

  /** @param white features of stationary noise, longer than any string */
  constructor(readonly white: Matrix) {
    let sum = 0;
    for (const x of white.data) sum += x;
    this.level = sum / white.data.length;
  }

  /** A stretch of the noise as it is. */
  quiet(random: Random, frames: number): Float32Array {
    const { rows, cols, data } = this.white;
    const start = random.integer(0, rows - frames);
    return data.slice(start * cols, (start + frames) * cols);
  }

  /** The spectrum of a noise against white noise: smooth, and falling or rising. */
  colour(random: Random, deviation: number): Float32Array {
    const { cols } = this.white;
    const slope = random.uniform(-2.5, 1.5);
    return smoothCurve(random, cols, deviation, 5).map((v, bin) => v + slope * (2 * (bin / cols) - 1));
  }

  /**
   * Adds noise to frames [from, to) of features.
   *
   * @param level its mean log power
   */
  add(random: Random, feats: Float32Array, from: number, to: number, level: number, colour: Float32Array): void {
    const { rows, cols, data } = this.white;
    const start = random.integer(0, rows - (to - from));
    for (let t = from; t < to; t++)
      for (let bin = 0; bin < cols; bin++) {
        const at = t * cols + bin;
        const noise = data[(start + t - from) * cols + bin]! - this.level;
        feats[at] = addPowers(feats[at]!, level + colour[bin]! + noise);
      }
  }
}

/** Mean log power that nine frames in ten stay below. */
export function loudness(parts: readonly Matrix[]): number {
  const levels = new Float32Array(parts.reduce((n, p) => n + p.rows, 0));
  let first = 0;
  for (const { rows, cols, data } of parts) {
    for (let i = 0; i < data.length; i++) levels[first + Math.floor(i / cols)]! += data[i]! / cols;
    first += rows;
  }
  return levels.sort()[Math.floor(0.9 * levels.length)]!;
}

/** Echoes that die away: each frame gets a share of the frames before it. */
export function reverberate(random: Random, feats: Float32Array, cols: number): void {
  const seconds = random.uniform(0.15, 0.6);
  const share = random.uniform(0.02, 0.4);
  // Powers fall by 60 dB in that time; a frame is 10 ms.
  const decay = Math.exp((-6 * Math.LN10 * 0.01) / seconds);
  const echo = new Float64Array(cols);
  for (let i = 0; i < feats.length; i++) {
    const bin = i % cols;
    const power = Math.exp(feats[i]!);
    feats[i] = Math.log(power + share * echo[bin]!);
    echo[bin] = decay * (echo[bin]! + power);
  }
}
