import type { ProgramList } from '../program.js';

/** The programs over @jebena/io-ark. */
export const programs: ProgramList = {
  'ali-to-post': () => import('./ali-to-post.js'),
  'copy-feats': () => import('./copy-feats.js'),
  'copy-int-vector': () => import('./copy-int-vector.js'),
  'copy-matrix': () => import('./copy-matrix.js'),
  'copy-post': () => import('./copy-post.js'),
  'copy-vector': () => import('./copy-vector.js'),
  'extract-rows': () => import('./extract-rows.js'),
  'extract-segments': () => import('./extract-segments.js'),
  'feat-to-dim': () => import('./feat-to-dim.js'),
  'feat-to-len': () => import('./feat-to-len.js'),
  'fix-data-dir': () => import('./fix-data-dir.js'),
  'make-data-dir': () => import('./make-data-dir.js'),
  'matrix-sum': () => import('./matrix-sum.js'),
  'post-to-weights': () => import('./post-to-weights.js'),
  'subset-feats': () => import('./subset-feats.js'),
  'wav-copy': () => import('./wav-copy.js'),
  'wav-to-duration': () => import('./wav-to-duration.js'),
  'validate-data-dir': () => import('./validate-data-dir.js'),
};
