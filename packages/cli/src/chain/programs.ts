import type { ProgramList } from '../program.js';

/** The programs over @jebena/chain. */
export const programs: ProgramList = {
  'nnet3-chain-compute-prob': () => import('./nnet3-chain-compute-prob.js'),
  'nnet3-chain-train': () => import('./nnet3-chain-train.js'),
};
