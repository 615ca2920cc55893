import type { ProgramList } from '../program.js';

/** The programs over @jebena/train. */
export const programs: ProgramList = {
  'nnet3-compute-prob': () => import('./nnet3-compute-prob.js'),
  'nnet3-train': () => import('./nnet3-train.js'),
};
