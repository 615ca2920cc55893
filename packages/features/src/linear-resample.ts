import { windowedSinc } from './arbitrary-resample.js';

/** How the low-pass filter of a resampler is shaped. */
export interface LinearResampleOptions {
  /** Cut-off in hertz, at most half of either rate; 0.99 of the lower Nyquist frequency when left out. */
  readonly cutoff?: number | undefined;
  /** Zero crossings of the filter on either side: more is sharper and slower. */
  readonly numZeros?: number | undefined;
}

/** Where a resampler stands. */
export interface LinearResampleState {
  readonly kept: Float32Array;
  readonly offset: number;
  readonly done: number;
}

/**
 * Resamples by a windowed sinc filter, as Kaldi's LinearResample (feat/resample.cc); whole rates, any pair of them.
 * Pieces pushed one after another give what the whole gives.
 */
export class LinearResample {
  private readonly inUnit: number;
  private readonly outUnit: number;
  private readonly halfWidth: number;
  private readonly first: Int32Array;
  private readonly weights: readonly Float32Array[];
  private kept: Float32Array = new Float32Array(0);
  private offset = 0;
  private done = 0;

  /**
   * @param from rate of the input in hertz, a whole number
   * @param to rate of the output in hertz, a whole number
   * @throws RangeError for rates or a filter that cannot be
   */
  constructor(
    readonly from: number,
    readonly to: number,
    { cutoff = Math.fround(0.99 * 0.5 * Math.min(from, to)), numZeros = 6 }: LinearResampleOptions = {},
  ) {
    for (const rate of [from, to])
      if (!Number.isInteger(rate) || rate < 1)
        throw new RangeError(`resampling: expected a rate that is a whole number of hertz, found ${rate}`);
    if (!(cutoff > 0 && 2 * cutoff <= Math.min(from, to)))
      throw new RangeError(`resampling: expected a cut-off of at most ${Math.min(from, to) / 2} Hz, found ${cutoff}`);
    if (!(Number.isInteger(numZeros) && numZeros > 0))
      throw new RangeError(`resampling: expected 1 zero crossing or more, found ${numZeros}`);
    const base = gcd(from, to);
    this.inUnit = from / base;
    this.outUnit = to / base;
    this.halfWidth = numZeros / (2 * cutoff);
    this.first = new Int32Array(this.outUnit);
    this.weights = Array.from({ length: this.outUnit }, (_, i) => {
      const center = i / to;
      const first = Math.ceil((center - this.halfWidth) * from);
      const last = Math.floor((center + this.halfWidth) * from);
      this.first[i] = first;
      return Float32Array.from(
        { length: last - first + 1 },
        (_, j) => windowedSinc(Math.fround((first + j) / from - center), cutoff, numZeros) / from,
      );
    });
  }

  /** Takes samples, gives those of the output that they suffice for. */
  push(samples: Float32Array): Float32Array {
    return this.take(samples, false);
  }

  /** Ends the input (silence follows it) and gives what is left; the resampler can then start anew. */
  flush(samples: Float32Array = new Float32Array(0)): Float32Array {
    const output = this.take(samples, true);
    this.kept = new Float32Array(0);
    this.offset = 0;
    this.done = 0;
    return output;
  }

  state(): LinearResampleState {
    return { kept: this.kept.slice(), offset: this.offset, done: this.done };
  }

  restore({ kept, offset, done }: LinearResampleState): void {
    this.kept = kept.slice();
    this.offset = offset;
    this.done = done;
  }

  /** Output samples that `input` samples suffice for. */
  private outputLength(input: number, flush: boolean): number {
    // Time in ticks of both rates' common multiple, so that no rounding enters.
    const ticks = this.to * this.inUnit;
    const interval = input * this.outUnit - (flush ? 0 : Math.floor(Math.fround(this.halfWidth) * ticks));
    return interval <= 0 ? 0 : Math.ceil(interval / this.inUnit);
  }

  private take(samples: Float32Array, flush: boolean): Float32Array {
    const input = this.kept.length === 0 ? samples : joined(this.kept, samples);
    const total = this.offset + input.length;
    const end = Math.max(this.done, this.outputLength(total, flush));
    const output = new Float32Array(end - this.done);
    for (let n = this.done; n < end; n++) {
      const unit = Math.floor(n / this.outUnit);
      const phase = n - unit * this.outUnit;
      const weights = this.weights[phase]!;
      const start = this.first[phase]! + unit * this.inUnit - this.offset;
      const low = Math.max(0, -start);
      const high = Math.min(weights.length, input.length - start);
      let sum = 0;
      // As Kaldi and OpenBLAS do: products in 32 bits, sums in 64, but in 32 where the filter reaches over an end.
      if (high - low === weights.length)
        for (let j = low; j < high; j++) sum += Math.fround(weights[j]! * input[start + j]!);
      else for (let j = low; j < high; j++) sum = Math.fround(sum + Math.fround(weights[j]! * input[start + j]!));
      output[n - this.done] = sum;
    }
    this.done = end;
    const nextUnit = Math.floor(end / this.outUnit);
    const nextStart = this.first[end - nextUnit * this.outUnit]! + nextUnit * this.inUnit - this.offset;
    const keepFrom = Math.min(input.length, Math.max(0, nextStart));
    this.kept = input.slice(keepFrom);
    this.offset += keepFrom;
    return output;
  }
}

/**
 * Samples at another rate, by Kaldi's ResampleWaveform: cut-off at 0.99 of the lower Nyquist frequency, 6 zeros.
 *
 * @example
 * ```ts
 * const at8k = resample(samples, 16000, 8000);
 * ```
 */
export function resample(
  samples: Float32Array,
  from: number,
  to: number,
  options: LinearResampleOptions = {},
): Float32Array {
  return from === to ? samples.slice() : new LinearResample(from, to, options).flush(samples);
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
