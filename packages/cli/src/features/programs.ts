import type { ProgramList } from '../program.js';

/** The programs over @jebena/features. */
export const programs: ProgramList = {
  'add-deltas': () => import('./add-deltas.js'),
  'apply-cmvn': () => import('./apply-cmvn.js'),
  'apply-cmvn-online': () => import('./apply-cmvn-online.js'),
  'apply-cmvn-sliding': () => import('./apply-cmvn-sliding.js'),
  'compute-cmvn-stats': () => import('./compute-cmvn-stats.js'),
  'compute-fbank-feats': () => import('./compute-fbank-feats.js'),
  'compute-kaldi-pitch-feats': () => import('./compute-kaldi-pitch-feats.js'),
  'compute-mfcc-feats': () => import('./compute-mfcc-feats.js'),
  'compute-plp-feats': () => import('./compute-plp-feats.js'),
  'compute-spectrogram-feats': () => import('./compute-spectrogram-feats.js'),
  'compute-vad': () => import('./compute-vad.js'),
  'paste-feats': () => import('./paste-feats.js'),
  'process-kaldi-pitch-feats': () => import('./process-kaldi-pitch-feats.js'),
  'select-feats': () => import('./select-feats.js'),
  'select-voiced-frames': () => import('./select-voiced-frames.js'),
  'splice-feats': () => import('./splice-feats.js'),
  'subsample-feats': () => import('./subsample-feats.js'),
  'transform-feats': () => import('./transform-feats.js'),
  'wav-reverberate': () => import('./wav-reverberate.js'),
};
