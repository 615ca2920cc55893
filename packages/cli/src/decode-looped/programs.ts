import type { ProgramList } from '../program.js';

/** The programs over @jebena/decode-looped. */
export const programs: ProgramList = {
  listen: () => import('./listen.js'),
  'nnet3-latgen-faster-looped': () => import('./nnet3-latgen-faster-looped.js'),
  'online2-wav-nnet3-latgen-faster': () => import('./online2-wav-nnet3-latgen-faster.js'),
  recognise: () => import('./recognise.js'),
  serve: () => import('./serve.js'),
  transcribe: () => import('./transcribe.js'),
};
