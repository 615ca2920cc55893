import { cutSegment, parseSegment, waveHolder } from '@jebena/io-ark';
import { atLeast, defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readLines } from './lines.js';
import { openTable, tableWriter, writing } from './tables.js';

export const program = defineProgram({
  name: 'extract-segments',
  summary: 'Cuts segments out of recordings.',
  usage: ['<wav-rspecifier> <segments-file> <wav-wspecifier>'],
  options: defineOptions({
    minSegmentLength: float(0.1, 'Shortest segment in seconds; shorter ones are left out', atLeast(0)),
    maxOvershoot: float(
      0.5,
      'Segments that end after the audio by less than this (in seconds) are cut, else left out',
      atLeast(0),
    ),
  }),
  args: [3, 3],
  run: async ([input, segments, output], options, context) => {
    const waves = openTable(waveHolder, input!, context);
    const writer = tableWriter(waveHolder, output!);
    const lines = await readLines(segments!);
    let count = 0;
    try {
      await writing([writer], async () => {
        for (const [i, line] of lines.entries()) {
          const segment = tried(() => parseSegment(line, segments, i + 1), context.warn);
          if (!segment) continue;
          const wave = await waves.get(segment.recording);
          const cut = wave ? cutSegment(wave, segment, options) : `recording ${segment.recording} is not there`;
          if (typeof cut === 'string') {
            context.warn(`${cut}; left out ${segment.id}`);
            continue;
          }
          await writer.write(segment.id, cut);
          count++;
        }
      });
    } finally {
      await waves.close();
    }
    context.log(`Successfully processed ${count} lines out of ${lines.length} in the segments file.`);
  },
});

function tried<T>(work: () => T, warn: (text: string) => void): T | undefined {
  try {
    return work();
  } catch (error) {
    warn((error as Error).message);
    return undefined;
  }
}
