import { floatHolder, formatFloat, waveHeaderHolder, waveHolder, type Holder, type WaveHeader } from '@jebena/io-ark';
import { bool, defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyTable, exitCode } from './tables.js';

const counted: Holder<WaveHeader> = {
  ...waveHeaderHolder,
  read: (input) => {
    const { sampleRate, channels } = waveHolder.read(input);
    return { sampleRate, channels: channels.length, bitsPerSample: 16, samples: channels[0]!.length };
  },
};

export const program = defineProgram({
  name: 'wav-to-duration',
  summary: 'Writes the duration of each wave in seconds.',
  usage: ['<wav-rspecifier> <duration-wspecifier>'],
  options: defineOptions({
    readEntireFile: bool(false, 'Count the samples instead of trusting the header (streams are always counted)'),
  }),
  args: [2, 2],
  run: async ([input, output], { readEntireFile }, context) => {
    let [sum, least, most] = [0, Infinity, 0];
    // In an archive the samples must be passed anyway.
    const holder = readEntireFile || /^[^:]*\bark\b/.test(input!) ? counted : waveHeaderHolder;
    const duration = ({ samples, sampleRate }: WaveHeader): number => {
      const seconds = Math.fround(samples! / sampleRate);
      sum += seconds;
      least = Math.min(least, seconds);
      most = Math.max(most, seconds);
      return seconds;
    };
    const count = await copyTable([holder, input!], [floatHolder, output!], duration, context);
    context.log(`Printed duration for ${count} audio files.`);
    const [mean, min, max] = [sum / count, least, most].map((v) => formatFloat(v, 6));
    if (count > 0) context.log(`Mean duration was ${mean}, min and max durations were ${min}, ${max}`);
    return exitCode(count);
  },
});
