import type { Posterior } from '@jebena/io-ark';
import type { PosteriorTargets } from './minibatch.js';

/** Kaldi's posteriors as targets. */
export function posteriorTargets(posterior: Posterior, dim: number): PosteriorTargets {
  const rowStart = new Int32Array(posterior.length + 1);
  posterior.forEach((frame, r) => (rowStart[r + 1] = rowStart[r]! + frame.length));
  const labels = new Int32Array(rowStart[posterior.length]!);
  const weights = new Float32Array(labels.length);
  posterior.forEach((frame, r) =>
    frame.forEach(([label, weight], i) => {
      labels[rowStart[r]! + i] = label;
      weights[rowStart[r]! + i] = weight;
    }),
  );
  return { kind: 'posterior', dim, rowStart, labels, weights };
}
