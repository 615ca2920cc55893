import { convolve } from './convolve.js';
import { resample } from './linear-resample.js';

const bias = 132;

/** A sample in the range of 16 bits as a byte of G.711 mu-law. */
export function muLawEncode(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(32635, Math.abs(Math.trunc(sample))) + bias;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** The sample that a byte of G.711 mu-law stands for. */
export function muLawDecode(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + bias) << ((code >> 4) & 7)) - bias;
  return code & 0x80 ? 0 - magnitude : magnitude;
}

/** Samples after a trip through mu-law. */
export const muLaw = (samples: Float32Array): Float32Array => samples.map((x) => muLawDecode(muLawEncode(x)));

export interface TelephoneOptions {
  /** Pass band in hertz; 300 to 3400 when left out. */
  readonly band?: readonly [low: number, high: number] | undefined;
  /** Whether to code the samples with mu-law; true when left out. */
  readonly codec?: boolean | undefined;
}

/**
 * Samples as a telephone line gives them: the band, 8 kHz, mu-law, and back at the rate they had. Length and times stay.
 *
 * @param sampleRate 8000 or more
 */
export function telephone(samples: Float32Array, sampleRate: number, options: TelephoneOptions = {}): Float32Array {
  const { band = [300, 3400], codec = true } = options;
  const line = resample(samples, sampleRate, 8000);
  const passed = bandPass(line, 8000, band);
  const back = resample(codec ? muLaw(passed) : passed, 8000, sampleRate);
  const result = new Float32Array(samples.length);
  result.set(back.subarray(0, samples.length));
  return result;
}

/** Samples within a band, by a linear-phase filter whose delay is taken out again. */
export function bandPass(
  samples: Float32Array,
  sampleRate: number,
  [low, high]: readonly [low: number, high: number],
): Float32Array {
  if (!(low >= 0 && high > low && 2 * high <= sampleRate))
    throw new RangeError(`band: expected 0 <= low < high <= ${sampleRate / 2} Hz, found ${low} to ${high}`);
  const reach = Math.round(0.016 * sampleRate);
  const sinc = (hertz: number, n: number): number =>
    n === 0 ? (2 * hertz) / sampleRate : Math.sin((2 * Math.PI * hertz * n) / sampleRate) / (Math.PI * n);
  const filter = Float32Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const n = i - reach;
    return (sinc(high, n) - sinc(low, n)) * (0.54 + 0.46 * Math.cos((Math.PI * n) / reach));
  });
  return convolve(samples, filter).slice(reach, reach + samples.length);
}
