import type { ProgramList } from '../program.js';

/** The programs over @jebena/decode. */
export const programs: ProgramList = {
  'compute-wer': () => import('./compute-wer.js'),
  'compute-wer-bootci': () => import('./compute-wer-bootci.js'),
  'latgen-faster-mapped': () => import('./latgen-faster-mapped.js'),
  'lattice-1best': () => import('./lattice-1best.js'),
  'lattice-add-penalty': () => import('./lattice-add-penalty.js'),
  'lattice-align-words-lexicon': () => import('./lattice-align-words-lexicon.js'),
  'lattice-best-path': () => import('./lattice-best-path.js'),
  'lattice-boost-ali': () => import('./lattice-boost-ali.js'),
  'lattice-copy': () => import('./lattice-copy.js'),
  'lattice-depth': () => import('./lattice-depth.js'),
  'lattice-determinize-pruned': () => import('./lattice-determinize-pruned.js'),
  'lattice-lmrescore-const-arpa': () => import('./lattice-lmrescore-const-arpa.js'),
  'lattice-lmrescore': () => import('./lattice-lmrescore.js'),
  'lattice-mbr-decode': () => import('./lattice-mbr-decode.js'),
  'lattice-oracle': () => import('./lattice-oracle.js'),
  'lattice-prune': () => import('./lattice-prune.js'),
  'lattice-scale': () => import('./lattice-scale.js'),
  'lattice-to-mpe-post': () => import('./lattice-to-mpe-post.js'),
  'lattice-to-nbest': () => import('./lattice-to-nbest.js'),
  'lattice-to-post': () => import('./lattice-to-post.js'),
  'lattice-to-smbr-post': () => import('./lattice-to-smbr-post.js'),
  'nbest-to-ctm': () => import('./nbest-to-ctm.js'),
  'nbest-to-linear': () => import('./nbest-to-linear.js'),
};
