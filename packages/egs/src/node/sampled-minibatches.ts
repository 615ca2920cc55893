import { fromWorkers, type FromWorkersOptions } from '@jebena/stream/node';
import type { Minibatch } from '../minibatch.js';
import type { SamplerSettings } from './sampled-maker.js';

export interface SampledMinibatchesOptions extends SamplerSettings, FromWorkersOptions {}

/**
 * Minibatches of random chunks straight from features and labels, with no files of examples: worker threads draw, read,
 * cut and merge while this one computes. Minibatch i depends on the seed and on i alone.
 *
 * @throws KaldiIoError, EgsError as `sampleChunks` does
 * @example
 * ```ts
 * sampledMinibatches({ feats: 'scp:feats.scp', pdfs: 'ark:pdfs.ark', size: 140, sequences: 64, minibatches: 1000, seed: epoch, workers: 2 })
 * ```
 */
export function sampledMinibatches({
  workers,
  ahead,
  from,
  signal,
  ...settings
}: SampledMinibatchesOptions): AsyncGenerator<Minibatch> {
  const data: SamplerSettings = settings;
  return fromWorkers<Minibatch>(new URL('./sampled-maker.js', import.meta.url), data, { workers, ahead, from, signal });
}
