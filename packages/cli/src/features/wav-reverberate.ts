import { addNoise, directSound, convolve, earlyPower, power, repeatTo } from '@jebena/features';
import { type Wave, waveHolder } from '@jebena/io-ark';
import { type OptionValues, UsageError, bool, defineOptions, float, int, text } from '@jebena/options';
import { readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';

const options = defineOptions({
  multiChannelOutput: bool(false, 'Give one channel for each of the room response'),
  shiftOutput: bool(true, 'Shift by the direct sound of the response and keep the length; else the tail is added'),
  inputWaveChannel: int(0, 'Channel of the input'),
  rirChannel: int(0, 'Channel of the room response, without --multi-channel-output'),
  noiseChannel: int(0, 'Channel of the noises, without --multi-channel-output'),
  impulseResponse: text('', 'Wave file of the room response, or a command that gives it'),
  additiveSignals: text('', 'Noises: wave files or commands with commas between; needs --snrs and --start-times'),
  snrs: text('', 'Ratios of signal to noise in decibels, as 20.0,0.0'),
  startTimes: text('', 'Times in seconds that the noises begin at, as 0,3.5'),
  normalizeOutput: bool(true, 'Scale to the power that the input has'),
  duration: float(0, 'Duration of the output in seconds: cut, or repeated; 0 as it comes'),
  volume: float(0, 'Factor of the output, in place of --normalize-output; 0 for none'),
});
type Options = OptionValues<typeof options>;

export const program = defineProgram({
  name: 'wav-reverberate',
  summary: 'Puts a wave in a room, by its impulse response, and adds noises.',
  usage: ['<wav-in-rxfilename> <wav-out-wxfilename>'],
  options,
  args: [2, 2],
  run: async ([input, output], given, { warn }) => {
    if (given.multiChannelOutput && (given.rirChannel !== 0 || given.noiseChannel !== 0))
      warn('--rir-channel and --noise-channel are ignored as --multi-channel-output is true');
    const wave = await readObject(waveHolder, input!);
    const response = given.impulseResponse ? await readObject(waveHolder, given.impulseResponse) : undefined;
    const noises: Wave[] = [];
    for (const name of list(given.additiveSignals)) noises.push(await readObject(waveHolder, name));
    for (const other of [...noises, ...(response ? [response] : [])])
      if (other.sampleRate !== wave.sampleRate)
        throw new UsageError(`expected waves of ${wave.sampleRate} Hz as the input, found ${other.sampleRate} Hz`);
    const count = given.multiChannelOutput ? (response?.channels.length ?? 1) : 1;
    const channels = Array.from({ length: count }, (_, c) => corrupted(wave, response, noises, c, given));
    await writeObject(waveHolder, output!, { sampleRate: wave.sampleRate, channels }, true);
  },
});

const list = (values: string): string[] => values.split(',').filter((value) => value !== '');

function numbers(values: string, count: number, flag: string): number[] {
  const found = list(values).map(Number);
  if (found.length !== count || found.some(Number.isNaN))
    throw new UsageError(`option --${flag}: expected ${count} numbers, one a signal, found '${values}'`);
  return found;
}

function channelOf({ channels }: Wave, channel: number, flag: string): Float32Array {
  const samples = channels[channel];
  if (!samples) throw new UsageError(`option --${flag}: expected at most ${channels.length - 1}, found ${channel}`);
  return samples;
}

/** One channel of the output. */
function corrupted(
  wave: Wave,
  response: Wave | undefined,
  noises: readonly Wave[],
  c: number,
  given: Options,
): Float32Array {
  const { sampleRate } = wave;
  const clean = channelOf(wave, given.inputWaveChannel, 'input-wave-channel');
  const many = given.multiChannelOutput;
  let samples: Float32Array = clean.slice();
  let signalPower = power(clean);
  let shift = 0;
  if (response) {
    const rir = channelOf(response, many ? c : given.rirChannel, 'rir-channel').map((x) => x / 32768);
    signalPower = earlyPower(clean, rir, sampleRate);
    samples = convolve(clean, rir);
    if (given.shiftOutput) shift = directSound(rir);
  }
  const snrs = numbers(given.snrs, noises.length, 'snrs');
  const starts = numbers(given.startTimes, noises.length, 'start-times');
  noises.forEach((noise, i) => {
    const channel = channelOf(noise, many ? c : given.noiseChannel, 'noise-channel');
    addNoise(samples, channel, signalPower, snrs[i]!, Math.trunc(starts[i]! * sampleRate));
  });
  const scale =
    given.volume > 0 ? given.volume : given.normalizeOutput ? Math.sqrt(power(clean) / (power(samples) || 1)) : 1;
  const scaled = samples.map((x) => x * scale);
  // Kaldi gives the tail of the response its length but fills it with the beginning again; here it is the tail.
  if (given.duration <= 0 && !given.shiftOutput) return scaled;
  const block = scaled.subarray(shift, shift + clean.length);
  return repeatTo(block, given.duration > 0 ? Math.trunc(sampleRate * given.duration) : clean.length);
}
