import { formatFloat } from '@jebena/io-ark';
import { defineProgram } from '../program.js';
import { compute } from './compute.js';
import { computeOptions } from './compute-options.js';

export const program = defineProgram({
  name: 'nnet3-compute',
  summary: 'Runs a network over features and writes its output.',
  usage: ['<nnet-in> <features-rspecifier> <matrix-wspecifier>'],
  options: computeOptions,
  args: [3, 3],
  run: async (args, options, context) => {
    const { exitCode, counts, seconds } = await compute(args, options, 16, context);
    const factor = formatFloat((seconds * 100) / counts.frames, 6);
    context.log(`Time taken ${formatFloat(seconds, 6)}s: real-time factor assuming 100 frames/sec is ${factor}`);
    context.log(`Done ${counts.done} utterances, failed for ${counts.failed}`);
    return exitCode;
  },
});
