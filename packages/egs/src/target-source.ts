import type { Supervision } from '@jebena/chain';
import type { Matrix, Posterior } from '@jebena/io-ark';
import type { Targets } from './minibatch.js';
import { posteriorTargets } from './posterior-targets.js';
import type { Numerator } from './numerators.js';
import { UtteranceSupervision } from './utterance-supervision.js';

/**
 * Targets of an utterance: a pdf for each frame (-1 where there is none), posteriors, a value for each output,
 * supervision for LF-MMI, or ready ones.
 */
export type TargetSource = Int32Array | Posterior | Matrix | Targets | Supervision | UtteranceSupervision | Numerator;

/**
 * @param dim number of pdfs, 0 where it is not known
 * @param outputFrames frames of the network's output for the utterance
 */
export function asTargets(source: TargetSource, dim: number, outputFrames: number): Targets | UtteranceSupervision {
  if (typeof source === 'function') return source(outputFrames);
  if (source instanceof Int32Array) return { kind: 'labels', dim, labels: source };
  if (Array.isArray(source)) return posteriorTargets(source as Posterior, dim);
  if ('framesPerSequence' in source) return new UtteranceSupervision(source);
  const made = source as Matrix | Targets | UtteranceSupervision;
  return 'kind' in made ? made : { kind: 'dense', dim: made.cols, values: made };
}

/** The first label that is none of `dim`; undefined where all are, or `dim` is not known. */
export function badLabel(targets: Targets): number | undefined {
  if (targets.kind === 'dense' || targets.dim === 0) return undefined;
  const least = targets.kind === 'labels' ? -1 : 0;
  return targets.labels.find((label) => label < least || label >= targets.dim);
}
