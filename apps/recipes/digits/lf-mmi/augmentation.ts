/**
 * How much strings are changed, by draws that are even within these ranges. Powers are in nats (1 nat is 4.3 dB).
 * The features themselves are changed, so that it works without the recordings.
 */
export interface Augmentation {
  /** Spectral warp: the logarithm of the factor on frequencies, for a string. */
  readonly warp: number;
  /** Further warp at the upper end of the band against the lower. */
  readonly bend: number;
  /** Tempo, apart from the warp: the logarithm of the factor, for a string; each digit adds 40 % of it. */
  readonly tempo: number;
  /** Volume of a string. The gaps' quiet noise stays as it is. */
  readonly volume: readonly [low: number, high: number];
  /** Deviation of the digits' volumes within a string. */
  readonly digitVolume: number;
  /** Deviation of a smooth curve over frequency that is added: microphones and rooms. */
  readonly tilt: number;
  /** Deviation of a further warp that changes within a digit: its vowels move. */
  readonly warpDrift: number;
  /** Deviation of smooth curves over frequency that change within a digit: hisses grow louder or softer than vowels. */
  readonly colourDrift: number;
  /** How unevenly a digit is slowed down and sped up: the most that its tempo changes by. */
  readonly sway: number;
  /** Chance that a recording loses something at its ends, and the largest share at either. */
  readonly trim: { readonly chance: number; readonly most: number };
  /** Chance that a string has noise within its recordings, as cheap microphones have; gaps stay quiet. */
  readonly recordingNoise: number;
  /** Chance that a string has noise all through. */
  readonly noise: number;
  /** How far that noise lies below the loud frames. */
  readonly below: readonly [least: number, most: number];
  /** Chance that a string has some short bursts of noise: breath, clicks. */
  readonly bursts: number;
  /** Chance that a string reverberates. */
  readonly reverberation: number;
  /** Chance that a string's digits are taken from several speakers. */
  readonly mixedSpeakers: number;
}

export const augmentation: Augmentation = {
  warp: 0.08,
  bend: 0.05,
  tempo: 0.4,
  volume: [-2.5, 1.5],
  digitVolume: 0.3,
  tilt: 0.3,
  warpDrift: 0.04,
  colourDrift: 0.6,
  sway: 0.3,
  trim: { chance: 0.5, most: 0.2 },
  recordingNoise: 0.6,
  noise: 0.35,
  below: [1, 6],
  bursts: 0.35,
  reverberation: 0.2,
  mixedSpeakers: 0.2,
};
