import type { Place } from './errors.js';
import { KaldiInput } from './kaldi-input.js';
import { type SampleReader, sampleReader } from './wave-samples.js';

/** A recording: every channel's samples in the range of 16-bit integers (-32768 to 32767), as Kaldi holds them. */
export interface Wave {
  /** Samples a second. */
  readonly sampleRate: number;
  /** One array a channel, all of one length. */
  readonly channels: readonly Float32Array[];
}

/** What a wave's header says. */
export interface WaveHeader {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Samples a channel; undefined where the length was not known when the header was written. */
  readonly samples: number | undefined;
}

/**
 * Reads a RIFF/WAVE file: PCM of 8, 16, 24 and 32 bits, float of 32 and 64 bits, A-law and mu-law, plain or extensible
 * header, either byte order, any number of channels, and streams of unknown length.
 *
 * @throws KaldiIoError where the file is torn or of another kind
 */
export const readWave = (bytes: Uint8Array, place: Place = {}): Wave =>
  readWaveFrom(new KaldiInput(bytes, place, true));

interface Format extends WaveHeader {
  readonly read: SampleReader;
  readonly little: boolean;
  readonly blockAlign: number;
  readonly dataBytes: number | undefined;
}

/** Reads a wave from where `input` stands. */
export function readWaveFrom(input: KaldiInput): Wave {
  const { channels, blockAlign, dataBytes, sampleRate, read, little } = readFormat(input);
  const start = input.offset;
  const data =
    dataBytes === undefined
      ? input.rest()
      : (input.take(dataBytes, 'samples'), input.bytes.subarray(start, start + dataBytes));
  if (data.length < blockAlign) input.fail('samples', 'no data', start);
  const samples = Math.floor(data.length / blockAlign);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return {
    sampleRate,
    channels: Array.from({ length: channels }, (_, c) => {
      const out = new Float32Array(samples);
      read(view, (c * blockAlign) / channels, blockAlign, little, out);
      return out;
    }),
  };
}

/** Reads a wave's header alone. */
export function readWaveHeader(input: KaldiInput): WaveHeader {
  const { sampleRate, channels, bitsPerSample, samples } = readFormat(input);
  return { sampleRate, channels, bitsPerSample, samples };
}

/** Lengths that writers to a pipe leave in the header; SoX writes the last. */
const unknownLengths = [0, 0xffffffff, 0x7ffff000];

function readFormat(input: KaldiInput): Format {
  const riff = tag(input);
  if (riff !== 'RIFF' && riff !== 'RIFX') input.fail('RIFF or RIFX', JSON.stringify(riff), input.offset - 4);
  const little = riff === 'RIFF';
  const number = (size: 2 | 4): number => {
    const at = input.take(size, 'a wave header');
    const view = new DataView(input.bytes.buffer, input.bytes.byteOffset + at);
    return size === 2 ? view.getUint16(0, little) : view.getUint32(0, little);
  };
  const riffSize = number(4);
  const form = tag(input);
  if (form !== 'WAVE') input.fail('WAVE', JSON.stringify(form), input.offset - 4);
  let size = seek(input, 'fmt ', number);
  const start = input.offset;
  input.take(size, 'a format chunk');
  if (size < 16) input.fail('a format chunk of 16 bytes or more', `${size} bytes`, start);
  const end = input.offset;
  input.offset = start;
  let code = number(2);
  const channels = number(2);
  const sampleRate = number(4);
  const byteRate = number(4);
  const blockAlign = number(2);
  const bitsPerSample = number(2);
  if (code === 0xfffe) {
    if (size < 40) input.fail('an extensible format chunk of 40 bytes', `${size} bytes`, start);
    input.offset = start + 24;
    code = number(4);
  }
  input.offset = end;
  const read = sampleReader(code, bitsPerSample);
  if (!read) return input.fail('PCM, float, A-law or mu-law samples', `format ${code} of ${bitsPerSample} bits`, start);
  if (channels === 0 || sampleRate === 0)
    input.fail('a channel and a sample rate', `${channels} channels at ${sampleRate} Hz`, start);
  if (blockAlign !== (channels * bitsPerSample) / 8)
    input.fail(`${(channels * bitsPerSample) / 8} bytes a block`, `${blockAlign}`, start + 12);
  // Some writers leave the byte rate of the PCM they converted from; Kaldi refuses them, and the field is of no use.
  if (code === 1 && byteRate !== sampleRate * blockAlign)
    input.fail(`${sampleRate * blockAlign} bytes a second`, `${byteRate}`, start + 8);
  size = seek(input, 'data', number);
  const streamed = unknownLengths.includes(size) || riffSize === 0 || riffSize === 0xffffffff;
  const dataBytes = streamed ? undefined : size;
  const samples = streamed ? undefined : Math.floor(size / blockAlign);
  return { sampleRate, channels, bitsPerSample, samples, read, little, blockAlign, dataBytes };
}

const tag = (input: KaldiInput): string => {
  const at = input.take(4, 'a chunk name');
  return String.fromCharCode(...input.bytes.subarray(at, at + 4));
};

/** Skips chunks up to the one named, and returns its size. */
function seek(input: KaldiInput, name: string, number: (size: 2 | 4) => number): number {
  for (;;) {
    const found = tag(input);
    const size = number(4);
    if (found === name) return size;
    input.take(size, `a ${JSON.stringify(found)} chunk`);
    // A chunk of odd length is padded, though not by every writer.
    if (size % 2 === 1 && !input.atEnd && input.bytes[input.offset] === 0) input.offset++;
  }
}
