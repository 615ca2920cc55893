import { type Wave, cutSegments, waveHolder } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';
import { atLeast, defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { openTable, writeItems } from './tables.js';

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
  run: async ([input, segments, output], limits, context) => {
    const waves = openTable<Wave>(waveHolder, input!, context);
    let skipped = 0;
    const onSkip = (error: Error): void => {
      skipped++;
      context.warn(`left out: ${error.message}`);
    };
    try {
      const lines = nodeStorage({ allowPipes: true }).stream(segments!);
      const items = cutSegments(waves, lines, { ...limits, path: segments, onSkip });
      const count = await writeItems([waveHolder, output!], items);
      context.log(`Successfully processed ${count} lines out of ${count + skipped} in the segments file.`);
    } finally {
      await waves.close();
    }
  },
});
