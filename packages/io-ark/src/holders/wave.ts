import type { Holder } from '../holder.js';
import { type Wave, type WaveHeader, readWaveFrom, readWaveHeader } from '../wave.js';
import { writeWaveTo } from '../write-wave.js';

/** Waves; written as 16-bit PCM. */
export const waveHolder: Holder<Wave> = {
  what: 'a wave',
  unmarked: true,
  read: readWaveFrom,
  write: (output, wave) => void writeWaveTo(output, wave),
};

/** Headers of waves in script files: the samples are not read unless their count is only known at the end. */
export const waveHeaderHolder: Holder<WaveHeader> = {
  what: 'a wave',
  unmarked: true,
  read: (input) => {
    const start = input.offset;
    const header = readWaveHeader(input);
    if (header.samples !== undefined) return header;
    input.offset = start;
    const { channels } = readWaveFrom(input);
    return { ...header, samples: channels[0]!.length };
  },
  write: () => {
    throw new TypeError('a wave header cannot be written without its samples');
  },
};
