import { Pcm16, recogniseStream, Transcript, transcriptFormats } from '@jebena/decode-looped';
import { bool, choice, defineOptions, float, UsageError } from '@jebena/options';
import { defineProgram, type Program } from '../program.js';
import { openRecogniser, recogniseOptions } from './open-recogniser.js';
import { pieces, readWaveFile, wavePaths } from './recordings.js';

const options = defineOptions({
  ...recogniseOptions,
  format: choice('text', transcriptFormats, 'How results are written'),
  sampleFrequency: float(16000, 'Samples a second of raw samples on standard input'),
  partials: bool(false, 'With --format=json, write partial results as well'),
});

/** Recognises as it hears. */
export const program: Program<typeof options> = defineProgram({
  name: 'listen',
  summary:
    'Recognises wave files, folders of them, or raw 16-bit samples (-, standard input) as they come; on a terminal it shows partial results.',
  usage: ['<folder-of-model> <wav-file|folder|-> ...'],
  options,
  args: [2, Infinity],
  run: async ([folder, ...given], { format, sampleFrequency, partials, ...rest }, { signal }) => {
    if (partials && format !== 'json') throw new UsageError('option --partials: expected --format=json with it');
    const paths = await wavePaths(given);
    if (paths.length > 1 && (format === 'srt' || format === 'vtt'))
      throw new UsageError(`--format=${format}: expected one recording, found ${paths.length}; transcribe takes many`);
    const recogniser = await openRecogniser(folder!, rest);
    for (const path of paths) {
      const wave = path === '-' ? undefined : await readWaveFile(path);
      const samples = wave ? pieces(wave) : rawSamples(signal);
      const transcript = new Transcript(format, path);
      process.stdout.write(transcript.head());
      const sampleRate = wave?.sampleRate ?? sampleFrequency;
      // Standard input ends at an interrupt, so that what was said before it is told.
      const options = wave ? { sampleRate, signal } : { sampleRate };
      for await (const event of recogniseStream(recogniser, options)(samples))
        if (event.type === 'final') {
          show('');
          const prefix = format === 'text' && paths.length > 1 && event.text ? `${path} ` : '';
          process.stdout.write(prefix + transcript.add(event));
        } else if (partials)
          process.stdout.write(`${JSON.stringify({ key: path, partial: event.text, stable: event.stable })}\n`);
        else show(event.text);
    }
  },
});

/** Raw samples of standard input, until it ends or is interrupted. */
async function* rawSamples(signal: AbortSignal): AsyncGenerator<Float32Array> {
  const pcm = new Pcm16();
  const stop = (): void => void process.stdin.destroy();
  if (signal.aborted) return;
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const bytes of process.stdin) yield pcm.push(bytes as Uint8Array);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Shows a partial result in the terminal's last line, its end where it is too long. */
function show(text: string): void {
  const { isTTY, columns = 80 } = process.stderr;
  if (isTTY) process.stderr.write(`\r\x1b[K${text.slice(-(columns - 1))}`);
}
