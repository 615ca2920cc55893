import { engineOptions } from '@jebena/engine';
import { forwardOptions } from '@jebena/graph';
import { bool, defineOptions, int, text } from '@jebena/options';
import { compilerOptions } from './compiler-options.js';

/** Options of nnet3-compute and nnet3-compute-batch. */
export const computeOptions = defineOptions({
  framesPerChunk: forwardOptions.framesPerChunk,
  frameSubsamplingFactor: forwardOptions.frameSubsamplingFactor,
  extraLeftContext: forwardOptions.extraLeftContext,
  extraRightContext: forwardOptions.extraRightContext,
  extraLeftContextInitial: forwardOptions.extraLeftContextInitial,
  extraRightContextFinal: forwardOptions.extraRightContextFinal,
  acousticScale: forwardOptions.acousticScale,
  ivectors: text('', 'Rspecifier of iVectors as vectors; per utterance, or per speaker with --utt2spk'),
  utt2spk: text('', 'Rspecifier of the map from utterance to speaker, to get iVectors per speaker'),
  onlineIvectors: text('', 'Rspecifier of iVectors estimated online, as matrices; wants --online-ivector-period'),
  onlineIvectorPeriod: int(0, 'Number of frames between iVectors in matrices supplied to --online-ivectors'),
  applyExp: bool(false, 'If true, apply exp function to output'),
  usePriors: bool(false, 'If true, subtract the logs of the priors stored with the model (a .mdl file is expected)'),
  useGpu: text('yes', 'yes|no|optional|wait; what computes is said by --engine'),
  ...engineOptions,
  ...compilerOptions,
});
