import { formatFloat } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, float, int } from '@jebena/options';
import { defineProgram } from '../program.js';
import { compute } from './compute.js';
import { computeOptions } from './compute-options.js';

export const program = defineProgram({
  name: 'nnet3-compute-batch',
  summary: 'Runs a network over features, chunks of many utterances at a time, and writes its output.',
  usage: ['<nnet-in> <features-rspecifier> <matrix-wspecifier>'],
  options: defineOptions({
    ...computeOptions,
    minibatchSize: int(128, 'Number of chunks per minibatch', atLeast(1)),
    edgeMinibatchSize: int(32, "For Kaldi's sake; chunks at the edges of utterances go by --minibatch-size too"),
    ensureExactFinalContext: bool(false, "For Kaldi's sake; the final context is always exact"),
    partialMinibatchFactor: float(0.5, "For Kaldi's sake; a minibatch may be of any size"),
  }),
  args: [3, 3],
  run: async (args, options, context) => {
    const { exitCode, counts, seconds } = await compute(args, options, options.minibatchSize, context);
    context.log(`Time taken ${formatFloat(seconds, 6)}s`);
    context.log(`Done ${counts.done} utterances, failed for ${counts.failed}`);
    return exitCode;
  },
});
