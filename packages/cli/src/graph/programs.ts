import type { ProgramList } from '../program.js';

/** The programs over @jebena/graph. */
export const programs: ProgramList = {
  'nnet3-am-adjust-priors': () => import('./nnet3-am-adjust-priors.js'),
  'nnet3-am-copy': () => import('./nnet3-am-copy.js'),
  'nnet3-am-info': () => import('./nnet3-am-info.js'),
  'nnet3-am-init': () => import('./nnet3-am-init.js'),
  'nnet3-average': () => import('./nnet3-average.js'),
  'nnet3-compute': () => import('./nnet3-compute.js'),
  'nnet3-compute-batch': () => import('./nnet3-compute-batch.js'),
  'nnet3-copy': () => import('./nnet3-copy.js'),
  'nnet3-info': () => import('./nnet3-info.js'),
  'nnet3-init': () => import('./nnet3-init.js'),
  'nnet3-to-dot': () => import('./nnet3-to-dot.js'),
  'xconfig-to-configs': () => import('./xconfig-to-configs.js'),
};
