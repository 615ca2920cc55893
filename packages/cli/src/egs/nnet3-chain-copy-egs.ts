import {
  nnetChainExampleHolder,
  renameChainOutput,
  scaleSupervision,
  shiftChainTimes,
  trimChainContext,
  truncateDerivWeights,
} from '@jebena/egs';
import { atLeast, int } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyEgs, copyOptions } from './copy-egs.js';

export const program = defineProgram({
  name: 'nnet3-chain-copy-egs',
  summary: 'Copies chain examples to one or more archives, moved, trimmed or weighted on the way.',
  usage: ['<chain-egs-rspecifier> <chain-egs-wspecifier1> [<chain-egs-wspecifier2> ...]'],
  options: {
    ...copyOptions,
    truncateDerivWeights: int(0, 'Output frames at either end whose weights are set to 0', atLeast(0)),
  },
  args: [2, Infinity],
  run: async (args, given, context) => {
    const { leftContext, rightContext, frameShift, truncateDerivWeights: truncated } = given;
    return copyEgs(
      {
        holder: nnetChainExampleHolder,
        scale: scaleSupervision,
        rename: renameChainOutput,
        edit: (original) => {
          let example = original;
          if (leftContext >= 0 || rightContext >= 0) example = trimChainContext(example, { leftContext, rightContext });
          if (frameShift !== 0) example = shiftChainTimes(example, frameShift);
          return truncated > 0 ? truncateDerivWeights(example, truncated) : example;
        },
      },
      args,
      given,
      context,
    );
  },
});
