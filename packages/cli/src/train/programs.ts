import type { ProgramList } from '../program.js';

/** The programs over @jebena/train. */
export const programs: ProgramList = {
  'nnet-get-feature-transform': () => import('./nnet-get-feature-transform.js'),
  'nnet3-acc-lda-stats': () => import('./nnet3-acc-lda-stats.js'),
  'nnet3-am-train-transitions': () => import('./nnet3-am-train-transitions.js'),
  'nnet3-combine': () => import('./nnet3-combine.js'),
  'nnet3-compute-from-egs': () => import('./nnet3-compute-from-egs.js'),
  'nnet3-compute-prob': () => import('./nnet3-compute-prob.js'),
  'nnet3-show-progress': () => import('./nnet3-show-progress.js'),
  'nnet3-train': () => import('./nnet3-train.js'),
  train: () => import('./train.js'),
  'train-job': () => import('./train-job.js'),
  'sum-lda-accs': () => import('./sum-lda-accs.js'),
};
