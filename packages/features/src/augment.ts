import type { Wave } from '@jebena/io-ark';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import { type TelephoneOptions, telephone } from './codec.js';
import { speedPerturb, stretchAlignment, volumePerturb } from './perturb.js';
import { Random, seedFor } from './random.js';
import { addNoise, earlyPower, power, repeatTo, reverberate } from './reverberate.js';
import { type RoomRanges, drawRoom, roomResponse } from './room.js';
import { tempoPerturb } from './tempo.js';

export interface AugmentOptions extends StageOptions {
  /** Seed of the draws; each utterance draws from it and its key, so their order does not matter. */
  readonly seed?: number | undefined;
}

type Change = (samples: Float32Array, sampleRate: number, random: Random) => Float32Array;

/** A stage that changes the samples of each wave; all channels see the same draws. */
export function augment(change: Change, { seed = 0, signal }: AugmentOptions = {}): Stage<Item<Wave>, Item<Wave>> {
  const push = ([key, { sampleRate, channels }]: Item<Wave>): Item<Wave>[] => {
    const changed = channels.map((samples) => change(samples, sampleRate, new Random(seedFor(seed, key))));
    return [[key, { sampleRate, channels: changed }]];
  };
  return stage(() => ({ push }), { signal });
}

export interface CopiesOptions extends AugmentOptions {
  /** Give a copy by every factor, its key led by `sp0.9-` (`tp0.9-` for tempo), instead of one by a factor drawn. */
  readonly copies?: boolean | undefined;
}

/** One item in, one or more by factors out. */
function byFactor<V>(
  factors: readonly number[],
  prefix: string,
  change: (value: V, factor: number, key: string) => V,
  { copies = false, seed = 0, signal }: CopiesOptions,
): Stage<Item<V>, Item<V>> {
  const push = ([key, value]: Item<V>): Item<V>[] => {
    const chosen = copies ? factors : [new Random(seedFor(seed, key)).pick(factors)];
    return chosen.map((factor) => {
      const name = copies && factor !== 1 ? `${prefix}${factor}-${key}` : key;
      return [name, change(value, factor, name)];
    });
  };
  return stage(() => ({ push }), { signal });
}

const eachChannel =
  (change: (samples: Float32Array, factor: number, sampleRate: number) => Float32Array) =>
  ({ sampleRate, channels }: Wave, factor: number): Wave => ({
    sampleRate,
    channels: channels.map((samples) => change(samples, factor, sampleRate)),
  });

/**
 * Plays waves faster or slower, pitch and all. Lengths change: {@link stretchAlignments} fits alignments.
 *
 * @example
 * ```ts
 * speed([0.9, 1, 1.1], { copies: true }) // each utterance three times: sp0.9-KEY, KEY, sp1.1-KEY
 * ```
 */
export const speed = (factors: readonly number[], options: CopiesOptions = {}): Stage<Item<Wave>, Item<Wave>> =>
  byFactor(factors, 'sp', eachChannel(speedPerturb), options);

/** Plays waves faster or slower at the same pitch. Lengths change as with {@link speed}. */
export const tempo = (factors: readonly number[], options: CopiesOptions = {}): Stage<Item<Wave>, Item<Wave>> =>
  byFactor(factors, 'tp', eachChannel(tempoPerturb), options);

export interface StretchOptions extends CopiesOptions {
  /** `tp` where the waves went through {@link tempo}; `sp` when left out. */
  readonly prefix?: 'sp' | 'tp' | undefined;
  /** Frames of the changed wave's features, by its new key; the old count by the factor when left out. */
  readonly frames?: ((key: string) => number) | undefined;
}

/**
 * Alignments (one label a frame) that fit waves which went through {@link speed} or {@link tempo} with the same
 * factors, `copies` and seed.
 */
export function stretchAlignments(
  factors: readonly number[],
  { prefix = 'sp', frames, ...options }: StretchOptions = {},
): Stage<Item<Int32Array>, Item<Int32Array>> {
  const stretch = (alignment: Int32Array, factor: number, key: string): Int32Array =>
    stretchAlignment(alignment, factor, frames?.(key) ?? Math.round(alignment.length / factor));
  return byFactor(factors, prefix, stretch, options);
}

/** Scales each wave by a factor drawn between two, evenly on a logarithmic scale. */
export const volume = (
  [low, high]: readonly [low: number, high: number],
  options?: AugmentOptions,
): Stage<Item<Wave>, Item<Wave>> =>
  augment((samples, _, random) => volumePerturb(samples, low * (high / low) ** random.uniform()), options);

/** Passes each wave through a telephone line. */
export const telephoneLine = (
  options?: TelephoneOptions,
  stageOptions?: AugmentOptions,
): Stage<Item<Wave>, Item<Wave>> =>
  augment((samples, sampleRate) => telephone(samples, sampleRate, options), stageOptions);

/** Noises to draw from, and how loud they are. */
export interface Noises {
  /** Samples at the waves' rate, in any range: they are scaled. */
  readonly noises: readonly Float32Array[];
  /** Range of ratios of signal to noise to draw from, in decibels. */
  readonly snr: readonly [low: number, high: number];
  /** How many to add: drawn between two numbers; 1 when left out. */
  readonly count?: readonly [least: number, most: number] | undefined;
}

/** Adds noises from the first sample to the last, each from a drawn place in it on. */
export const additiveNoise = (noises: Noises, options?: AugmentOptions): Stage<Item<Wave>, Item<Wave>> =>
  augment((samples, _, random) => {
    const result = samples.slice();
    for (const [noise, snr] of drawn(noises, random))
      addNoise(result, repeatTo(noise, samples.length, random.integer(0, noise.length - 1)), power(samples), snr);
    return result;
  }, options);

export interface ReverberationOptions extends AugmentOptions {
  /** Room responses to draw from, at the waves' rate; else rooms are simulated. */
  readonly responses?: readonly Float32Array[] | undefined;
  /** Ranges that simulated rooms are drawn from. */
  readonly rooms?: RoomRanges | undefined;
  /** Noises from a point: each sounds in the room as well, at a drawn time, once. */
  readonly pointNoises?: Noises | undefined;
  /** Noises from all around: each sounds all the time, and the room does not change it. */
  readonly isotropicNoises?: Noises | undefined;
}

/**
 * Puts each wave in a room, with noises around it. Noise is measured against the early reflections, as Kaldi's
 * wav-reverberate does; times and the mean power stay.
 */
export function reverberation(options: ReverberationOptions = {}): Stage<Item<Wave>, Item<Wave>> {
  const { responses, rooms, pointNoises, isotropicNoises, ...rest } = options;
  const change: Change = (samples, sampleRate, random) => {
    if (samples.length === 0) return samples.slice();
    const points = pointNoises ? drawn(pointNoises, random) : [];
    const places = responses
      ? Array.from({ length: points.length + 1 }, () => random.pick(responses))
      : drawRoom(random, sampleRate, points.length + 1, rooms).map(roomResponse);
    const result = reverberate(samples, places[0]!);
    const early = earlyPower(samples, places[0]!, sampleRate);
    points.forEach(([noise, snr], i) => {
      const start = random.integer(0, samples.length - 1);
      addNoise(result, reverberate(noise, places[i + 1]!), early, snr, start);
    });
    for (const [noise, snr] of isotropicNoises ? drawn(isotropicNoises, random) : [])
      addNoise(result, repeatTo(noise, samples.length, random.integer(0, noise.length - 1)), early, snr);
    const scale = Math.sqrt(power(samples) / (power(result) || 1));
    return volumePerturb(result, scale);
  };
  return augment(change, rest);
}

function drawn(
  { noises, snr: [low, high], count: [least, most] = [1, 1] }: Noises,
  random: Random,
): [Float32Array, number][] {
  return Array.from({ length: random.integer(least, most) }, () => [random.pick(noises), random.uniform(low, high)]);
}
