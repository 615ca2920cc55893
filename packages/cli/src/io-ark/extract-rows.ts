import { type AnyMatrix, cutRows, matrixHolder } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';
import { defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { exitCode, openTable, writeItems } from './tables.js';

export const program = defineProgram({
  name: 'extract-rows',
  summary: 'Cuts row ranges out of feature matrices, by row numbers or times in a segments file.',
  usage: ['<segments-file> <features-rspecifier> <features-wspecifier>'],
  options: defineOptions({
    frameShift: float(0, 'Frame shift in seconds, if the segments hold times instead of row numbers'),
  }),
  args: [3, 3],
  run: async ([segments, input, output], { frameShift }, context) => {
    const feats = openTable(matrixHolder, input!, context);
    let warnings = 0;
    const onSkip = (error: Error): void => {
      warnings++;
      context.warn(error.message);
    };
    try {
      const lines = nodeStorage({ allowPipes: true }).stream(segments!);
      const items = cutRows(feats, lines, { frameShift, path: segments, onSkip });
      const count = await writeItems<AnyMatrix>([matrixHolder, output!], items);
      context.log(`Processed ${count} segments successfully; warned of ${warnings}`);
      // Kaldi's program has success and failure the wrong way round.
      return exitCode(count);
    } finally {
      await feats.close();
    }
  },
});
