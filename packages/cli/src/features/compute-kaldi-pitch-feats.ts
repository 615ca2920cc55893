import { Pitch, pitchOptions } from '@jebena/features';
import { type AnyMatrix, matrixHolder, waveHolder } from '@jebena/io-ark';
import { UsageError } from '@jebena/options';
import { exitCode, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { channelOf } from './wave-program.js';

export const program = defineProgram({
  name: 'compute-kaldi-pitch-feats',
  summary: 'Computes the pitch of waves: for each frame the correlation (-1 to 1, high where voiced) and hertz.',
  usage: ['<wav-rspecifier> <feats-wspecifier>'],
  options: pitchOptions,
  args: [2, 2],
  run: async ([waves, output], options, context) => {
    const pitch = new Pitch(options);
    const writer = tableWriter<AnyMatrix>(matrixHolder, output!);
    let count = 0;
    await writing([writer], async () => {
      for await (const [key, wave] of readTable(waveHolder, waves!, context)) {
        if (wave.sampleRate !== options.sampleFrequency)
          throw new UsageError(
            `key '${key}': expected a wave of ${options.sampleFrequency} Hz (--sample-frequency), found ${wave.sampleRate} Hz`,
          );
        const samples = channelOf(key, wave, { channel: -1, minDuration: 0 }, context)!;
        const matrix = pitch.compute(samples);
        if (matrix.rows === 0) context.warn(`No frames output in pitch extraction for utterance ${key}`);
        await writer.write(key, matrix);
        count++;
      }
    });
    context.log(`Done ${count} utterances.`);
    return exitCode(count);
  },
});
