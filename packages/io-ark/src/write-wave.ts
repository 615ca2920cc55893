import type { KaldiOutput } from './kaldi-output.js';
import type { Wave } from './wave.js';

/**
 * Writes a wave of 16-bit PCM as Kaldi does: samples are cut towards zero and held within the range
 * (WaveData::Write in feat/wave-reader.cc).
 *
 * @returns how many samples lay outside the range
 */
export function writeWaveTo(output: KaldiOutput, { sampleRate, channels }: Wave): number {
  const samples = channels[0]?.length ?? 0;
  if (channels.length === 0 || channels.some((c) => c.length !== samples))
    throw new RangeError('a wave: expected one or more channels of one length');
  const dataBytes = 2 * channels.length * samples;
  const bytes = new Uint8Array(44 + dataBytes);
  const view = new DataView(bytes.buffer);
  const text = (at: number, name: string): void =>
    bytes.set(
      Array.from(name, (c) => c.charCodeAt(0)),
      at,
    );
  text(0, 'RIFF');
  view.setUint32(4, 36 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels.length * 2, true);
  view.setUint16(32, channels.length * 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  let clipped = 0;
  channels.forEach((channel, c) => {
    let at = 44 + 2 * c;
    for (let i = 0; i < samples; i++, at += 2 * channels.length) {
      const value = Math.trunc(channel[i]!);
      if (value < -32768 || value > 32767) clipped++;
      view.setInt16(at, Math.max(-32768, Math.min(32767, value)), true);
    }
  });
  output.writeBytes(bytes);
  return clipped;
}

/** How many samples lie outside the range of 16-bit integers, and would be held within it when written. */
export const clippedSamples = ({ channels }: Wave): number =>
  channels.reduce(
    (sum, channel) => sum + channel.filter((v) => Math.trunc(v) < -32768 || Math.trunc(v) > 32767).length,
    0,
  );
