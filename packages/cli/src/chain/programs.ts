import type { ProgramList } from '../program.js';

/** The programs over @jebena/chain. */
export const programs: ProgramList = {
  'chain-est-phone-lm': () => import('./chain-est-phone-lm.js'),
  'chain-get-supervision': () => import('./chain-get-supervision.js'),
  'chain-make-num-fst-e2e': () => import('./chain-make-num-fst-e2e.js'),
  'nnet3-chain-e2e-get-egs': () => import('./nnet3-chain-e2e-get-egs.js'),
  'chain-make-den-fst': () => import('./chain-make-den-fst.js'),
  'nnet3-chain-combine': () => import('./nnet3-chain-combine.js'),
  'nnet3-chain-compute-prob': () => import('./nnet3-chain-compute-prob.js'),
  'nnet3-chain-get-egs': () => import('./nnet3-chain-get-egs.js'),
  'nnet3-chain-normalize-egs': () => import('./nnet3-chain-normalize-egs.js'),
  'nnet3-chain-train': () => import('./nnet3-chain-train.js'),
};
