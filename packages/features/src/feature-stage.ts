import type { Matrix, Wave } from '@jebena/io-ark';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import { FeatureError } from './errors.js';
import { matrixStage, named } from './frame-stream.js';
import { type FbankOptions, Fbank } from './fbank.js';
import { type MfccOptions, Mfcc } from './mfcc.js';
import { Pitch } from './pitch.js';
import type { PitchOptions } from './pitch-options.js';
import { type PlpOptions, Plp } from './plp.js';
import { type ProcessPitchOptions, processPitch } from './process-pitch.js';
import { type SpectrogramOptions, Spectrogram } from './spectrogram.js';
import { seedFor } from './random.js';
import type { ComputeOptions } from './wave-feature.js';

export interface FeatureStageOptions extends StageOptions {
  /** Channel to take; the first when left out. */
  readonly channel?: number | undefined;
  /** Warp factor of an utterance (1: none). */
  readonly vtlnWarp?: ((key: string) => number) | undefined;
  /** Seed of the dither; each utterance draws from it and its key. */
  readonly seed?: number | undefined;
}

/** What a stage needs of a feature: all but online use. */
export interface ComputesFeatures {
  compute(samples: Float32Array, options: ComputeOptions): Matrix;
}

/** Any wave feature as a stage from waves to matrices. */
export function waveFeature(
  feature: ComputesFeatures,
  options: FeatureStageOptions = {},
): Stage<Item<Wave>, Item<Matrix>> {
  const { channel = 0, vtlnWarp, seed = 0 } = options;
  const push = ([key, wave]: Item<Wave>): Item<Matrix>[] => {
    const samples = wave.channels[channel];
    if (!samples)
      throw new FeatureError(`key '${key}': expected a channel ${channel}, found ${wave.channels.length} channels`);
    const compute = { sampleRate: wave.sampleRate, vtlnWarp: vtlnWarp?.(key), seed: seedFor(seed, key) };
    return [[key, named(key, () => feature.compute(samples, compute))]];
  };
  return stage(() => ({ push }), options);
}

/** Filter bank features of each wave; see {@link Fbank}. */
export const fbank = (
  options: Partial<FbankOptions> = {},
  stageOptions?: FeatureStageOptions,
): Stage<Item<Wave>, Item<Matrix>> => waveFeature(new Fbank(options), stageOptions);

/** Cepstral features of each wave; see {@link Mfcc}. */
export const mfcc = (
  options: Partial<MfccOptions> = {},
  stageOptions?: FeatureStageOptions,
): Stage<Item<Wave>, Item<Matrix>> => waveFeature(new Mfcc(options), stageOptions);

/** Perceptual linear prediction cepstra of each wave; see {@link Plp}. */
export const plp = (
  options: Partial<PlpOptions> = {},
  stageOptions?: FeatureStageOptions,
): Stage<Item<Wave>, Item<Matrix>> => waveFeature(new Plp(options), stageOptions);

/** Log power spectra of each wave; see {@link Spectrogram}. */
export const spectrogram = (
  options: Partial<SpectrogramOptions> = {},
  stageOptions?: FeatureStageOptions,
): Stage<Item<Wave>, Item<Matrix>> => waveFeature(new Spectrogram(options), stageOptions);

/** Raw pitch of each wave: correlation and hertz; see {@link Pitch}. */
export const pitch = (
  options: Partial<PitchOptions> = {},
  stageOptions?: FeatureStageOptions,
): Stage<Item<Wave>, Item<Matrix>> => waveFeature(new Pitch(options), stageOptions);

/** Features for recognition out of raw pitch; see {@link processPitch}. */
export const processedPitch = (
  options: Partial<ProcessPitchOptions> = {},
  { seed = 0, ...stageOptions }: StageOptions & { seed?: number } = {},
): Stage<Item<Matrix>, Item<Matrix>> =>
  matrixStage((raw, key) => processPitch(raw, options, seedFor(seed, key)), stageOptions);
