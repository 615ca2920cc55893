import type { ProgramList } from '../program.js';

/** The programs over @jebena/hmm. */
export const programs: ProgramList = {
  'acc-tree-stats': () => import('./acc-tree-stats.js'),
  'add-self-loops': () => import('./add-self-loops.js'),
  'ali-to-pdf': () => import('./ali-to-pdf.js'),
  'ali-to-phones': () => import('./ali-to-phones.js'),
  'build-tree': () => import('./build-tree.js'),
  'compile-train-graphs': () => import('./compile-train-graphs.js'),
  'copy-transition-model': () => import('./copy-transition-model.js'),
  fstcomposecontext: () => import('./fstcomposecontext.js'),
  'gen-topo': () => import('./gen-topo.js'),
  'get-post-on-ali': () => import('./get-post-on-ali.js'),
  'gmm-init-biphone': () => import('./gmm-init-biphone.js'),
  'gmm-init-mono': () => import('./gmm-init-mono.js'),
  'make-h-transducer': () => import('./make-h-transducer.js'),
  mkgraph: () => import('./mkgraph.js'),
  'prepare-lang': () => import('./prepare-lang.js'),
  'show-alignments': () => import('./show-alignments.js'),
  'show-transitions': () => import('./show-transitions.js'),
  'arpa-to-const-arpa': () => import('./arpa-to-const-arpa.js'),
  arpa2fst: () => import('./arpa2fst.js'),
};
