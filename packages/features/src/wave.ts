import type { Wave } from '@jebena/io-ark';

/** Seconds that a wave lasts. */
export const waveDuration = (wave: Wave): number => (wave.channels[0]?.length ?? 0) / wave.sampleRate;
