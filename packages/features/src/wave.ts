/** A recording: samples in the range of 16-bit integers (-32768 to 32767), as Kaldi takes them. */
export interface Wave {
  /** Samples a second. */
  readonly sampleRate: number;
  /** One array a channel, all of one length. */
  readonly channels: readonly Float32Array[];
}

/** Seconds that a wave lasts. */
export const waveDuration = (wave: Wave): number => (wave.channels[0]?.length ?? 0) / wave.sampleRate;
