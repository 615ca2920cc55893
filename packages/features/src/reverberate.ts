import { convolve } from './convolve.js';

/** Mean square of some samples; 0 of none. */
export function power(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return samples.length === 0 ? 0 : sum / samples.length;
}

/** Index of the largest sample of a room response: the direct sound. */
export const directSound = (response: Float32Array): number =>
  response.reduce((best, x, i) => (x > response[best]! ? i : best), 0);

/** The power of the direct sound and its reflections within 50 ms, which noise is measured against (wav-reverberate). */
export function earlyPower(samples: Float32Array, response: Float32Array, sampleRate: number): number {
  const peak = directSound(response);
  const start = Math.max(0, Math.trunc(peak - Math.fround(0.001) * sampleRate));
  const end = Math.min(response.length, Math.trunc(peak + Math.fround(0.05) * sampleRate));
  return power(convolve(samples, response.subarray(start, end)));
}

/**
 * Puts samples in a room: convolves them with its response, shifted so that the direct sound stays in place, so
 * alignments hold.
 *
 * @param response of the room, at the samples' rate
 * @returns as many samples
 */
export function reverberate(samples: Float32Array, response: Float32Array): Float32Array {
  const start = directSound(response);
  return convolve(samples, response).slice(start, start + samples.length);
}

/**
 * Adds noise at a ratio of powers, in place.
 *
 * @param signalPower mean square that the noise is measured against
 * @param snr in decibels
 * @param start sample that the noise begins at; what reaches past the end is left out
 */
export function addNoise(
  samples: Float32Array,
  noise: Float32Array,
  signalPower: number,
  snr: number,
  start: number = 0,
): void {
  const scale = Math.sqrt((10 ** (-snr / 10) * signalPower) / (power(noise) + 2 ** -23));
  const end = Math.min(noise.length, samples.length - start);
  for (let i = 0; i < end; i++) samples[start + i] = samples[start + i]! + scale * noise[i]!;
}

/** Samples repeated, from sample `from` on, up to a length. */
export const repeatTo = (samples: Float32Array, length: number, from: number = 0): Float32Array =>
  Float32Array.from({ length }, (_, i) => samples[(from + i) % samples.length]!);
