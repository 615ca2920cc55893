export {
  type AugmentOptions,
  type CopiesOptions,
  type Noises,
  type ReverberationOptions,
  type StretchOptions,
  additiveNoise,
  augment,
  reverberation,
  speed,
  stretchAlignments,
  telephoneLine,
  tempo,
  volume,
} from './augment.js';
export {
  type ApplyCmvnOptions,
  type CmvnStats,
  accumulateCmvn,
  applyCmvn,
  cmvn,
  cmvnStats,
  cmvnWith,
  collectCmvnStats,
  emptyCmvnStats,
  parseDims,
} from './cmvn.js';
export { type TelephoneOptions, bandPass, muLaw, muLawDecode, muLawEncode, telephone } from './codec.js';
export { convolve } from './convolve.js';
export { type DeltaOptions, Deltas, addDeltas, deltaOptions, deltas } from './deltas.js';
export { type EnergyVadOptions, energyVad, energyVadOptions, selectVoiced, voicedFrames } from './energy-vad.js';
export { FeatureError } from './errors.js';
export { type FbankOptions, Fbank, fbankOptions } from './fbank.js';
export {
  type FeatureStageOptions,
  fbank,
  mfcc,
  pitch,
  plp,
  processedPitch,
  spectrogram,
  waveFeature,
} from './feature-stage.js';
export {
  type FrameGeometry,
  type FrameOptions,
  firstSampleOfFrame,
  frameGeometry,
  frameOptions,
  numFrames,
} from './frame-options.js';
export type { FrameStream } from './frame-stream.js';
export { LinearResample, type LinearResampleOptions, type LinearResampleState, resample } from './linear-resample.js';
export { MelBanks, type MelOptions, melOptions } from './mel-banks.js';
export { type MfccOptions, Mfcc, mfccOptions } from './mfcc.js';
export {
  OnlineCmvn,
  type OnlineCmvnOptions,
  accumulateSpeech,
  type OnlineCmvnState,
  cmvnOnline,
  onlineCmvn,
  onlineCmvnOptions,
} from './online-cmvn.js';
export { OnlineFrames, type OnlineFramesState } from './online-frames.js';
export { speedPerturb, speedPerturbedLength, stretchAlignment, volumePerturb } from './perturb.js';
export { type PitchOptions, pitchOptions } from './pitch-options.js';
export { OnlinePitch, Pitch } from './pitch.js';
export { type PlpOptions, Plp, plpOptions } from './plp.js';
export { ProcessPitch, type ProcessPitchOptions, processPitch, processPitchOptions } from './process-pitch.js';
export { Random, seedFor } from './random.js';
export { type RawChunkOptions, RawChunks, rawChunkOptions, rawChunks } from './raw-chunks.js';
export { RealFft } from './real-fft.js';
export {
  type SubsampleOptions,
  parseColumns,
  paste,
  pasteFeats,
  select,
  selectColumns,
  subsample,
  subsampleFrames,
  subsampleOptions,
  transform,
  transformFeats,
} from './rearrange.js';
export { addNoise, directSound, earlyPower, power, repeatTo, reverberate } from './reverberate.js';
export { type Metres, type Room, type RoomRanges, commonRooms, drawRoom, roomResponse } from './room.js';
export { SlidingCmvn, type SlidingCmvnOptions, cmvnSliding, slidingCmvn, slidingCmvnOptions } from './sliding-cmvn.js';
export { type SpecAugmentOptions, augmentSpectrum, specAugment, specAugmentOptions } from './spec-augment.js';
export { type SpectrogramOptions, Spectrogram, spectrogramOptions } from './spectrogram.js';
export { Splice, type SpliceOptions, splice, spliceFrames, spliceOptions } from './splice.js';
export { tempoPerturb } from './tempo.js';
export { type ComputeOptions, type FrameComputer, WaveFeature } from './wave-feature.js';
export { waveDuration } from './wave.js';
export { windowFunction } from './window-function.js';
export type { Wave } from '@jebena/io-ark';
