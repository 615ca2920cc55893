import type { ProgramList } from '../program.js';

/** The programs over @jebena/egs. */
export const programs: ProgramList = {
  'nnet3-chain-copy-egs': () => import('./nnet3-chain-copy-egs.js'),
  'nnet3-chain-merge-egs': () => import('./nnet3-chain-merge-egs.js'),
  'nnet3-chain-shuffle-egs': () => import('./nnet3-chain-shuffle-egs.js'),
  'nnet3-chain-subset-egs': () => import('./nnet3-chain-subset-egs.js'),
  'nnet3-copy-egs': () => import('./nnet3-copy-egs.js'),
  'nnet3-egs-info': () => import('./nnet3-egs-info.js'),
  'nnet3-get-egs': () => import('./nnet3-get-egs.js'),
  'nnet3-merge-egs': () => import('./nnet3-merge-egs.js'),
  'nnet3-shuffle-egs': () => import('./nnet3-shuffle-egs.js'),
  'nnet3-subset-egs': () => import('./nnet3-subset-egs.js'),
};
