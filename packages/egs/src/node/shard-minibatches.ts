import { fromWorkers, type FromWorkersOptions } from '@jebena/stream/node';
import type { Minibatch } from '../minibatch.js';
import type { MakerSettings } from './minibatch-maker.js';

export interface ShardMinibatchesOptions extends Omit<MakerSettings, 'shards'>, FromWorkersOptions {}

/**
 * Minibatches of shards, read, unpacked and merged by worker threads while this one computes. They depend on the shards
 * and on the seed alone: not on the number of workers, nor on where one begins (`from`).
 *
 * @throws ShardError where a shard is torn
 * @example
 * ```ts
 * const batches = shardMinibatches(['egs/train.0.egs', 'egs/train.1.egs'], { rule: '64', seed: epoch, workers: 2, from: position });
 * ```
 */
export function shardMinibatches(
  shards: readonly string[],
  { workers, ahead, from, signal, ...settings }: ShardMinibatchesOptions,
): AsyncGenerator<Minibatch> {
  const data: MakerSettings = { ...settings, shards };
  return fromWorkers<Minibatch>(new URL('./minibatch-maker.js', import.meta.url), data, {
    workers,
    ahead,
    from,
    signal,
  });
}
