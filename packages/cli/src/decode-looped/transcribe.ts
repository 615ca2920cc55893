import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import {
  type Recogniser,
  recogniseStream,
  Transcript,
  type TranscriptFormat,
  transcriptFormats,
} from '@jebena/decode-looped';
import { bool, choice, defineOptions } from '@jebena/options';
import { SingleBar } from 'cli-progress';
import { defineProgram, type Program } from '../program.js';
import { openRecogniser, recogniseOptions } from './open-recogniser.js';
import { pieces, readWaveFile, wavePaths } from './recordings.js';

const options = defineOptions({
  ...recogniseOptions,
  format: choice('text', transcriptFormats, 'How results are written'),
  overwrite: bool(false, 'Do recordings again that have a result'),
});

const endings: Record<TranscriptFormat, string> = { text: 'txt', json: 'jsonl', ctm: 'ctm', srt: 'srt', vtt: 'vtt' };

/** A folder of recordings to a folder of texts. */
export const program: Program<typeof options> = defineProgram({
  name: 'transcribe',
  summary: 'Writes a text file for each wave file in and below a folder; what has one already is passed over.',
  usage: ['<folder-of-model> <folder-of-wavs> <out-folder>'],
  options,
  args: [3, 3],
  run: async ([modelFolder, waves, outFolder], { format, overwrite, ...rest }, { signal, log, warn }) => {
    const tasks = (await wavePaths([waves!])).map((path) => {
      const key = relative(waves!, path).replace(/\.wav$/i, '');
      return { path, key, target: join(outFolder!, `${key}.${endings[format]}`) };
    });
    const open = tasks.filter(({ target }) => overwrite || !existsSync(target));
    const recogniser = await openRecogniser(modelFolder!, rest);
    const progress = new Progress(tasks.length, tasks.length - open.length);
    let failed = 0;
    for (const { path, key, target } of open) {
      try {
        await mkdir(dirname(target), { recursive: true });
        // Under another name first: a file that has its name is whole.
        await writeFile(`${target}.part`, await transcribed(recogniser, path, new Transcript(format, key), signal));
        await rename(`${target}.part`, target);
      } catch (error) {
        signal.throwIfAborted();
        warn(`${path}: ${(error as Error).message}`);
        failed++;
      }
      progress.step(key);
    }
    progress.stop();
    log(
      `Done ${open.length - failed} recordings, ${tasks.length - open.length} were done before, failed for ${failed}`,
    );
    return failed > 0 ? 1 : 0;
  },
});

async function transcribed(
  recogniser: Recogniser,
  path: string,
  transcript: Transcript,
  signal: AbortSignal,
): Promise<string> {
  const wave = await readWaveFile(path);
  let text = transcript.head();
  for await (const event of recogniseStream(recogniser, { sampleRate: wave.sampleRate, signal })(pieces(wave)))
    if (event.type === 'final') text += transcript.add(event);
  return text;
}

/** A bar on a terminal; nothing elsewhere. */
class Progress {
  private readonly bar: SingleBar | undefined;

  constructor(total: number, done: number) {
    if (!process.stderr.isTTY) return;
    this.bar = new SingleBar({
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      format: '[{bar}] {value}/{total} {name} | {eta_formatted} left',
    });
    this.bar.start(total, done, { name: '' });
  }

  step(name: string): void {
    this.bar?.increment({ name });
  }

  stop(): void {
    this.bar?.stop();
  }
}
