import { readAll, type Storage } from '@jebena/io-ark';
import { UsageError } from '@jebena/options';
import type { Example } from './example.js';
import { Random } from './random.js';
import { headerLength, readHeader, Shard } from './shard.js';
import { encodeShard, type EncodeShardOptions } from './write-shard.js';

export interface WriteShardsOptions extends EncodeShardOptions {
  readonly storage: Storage;
  /** Examples in each shard; default 2000. The examples of one shard are held in memory. */
  readonly examplesPerShard?: number;
}

/**
 * A sink that writes examples to `<prefix>.0.egs`, `<prefix>.1.egs`, ... and resolves to their names. Each appears
 * under its name when it is whole.
 *
 * @example
 * ```ts
 * const names = await pipe(examples, shuffle({ seed: 1 }), writeShards('exp/egs/train', { storage: nodeStorage() }));
 * ```
 */
export function writeShards(
  prefix: string,
  { storage, examplesPerShard = 2000, ...options }: WriteShardsOptions,
): (source: AsyncIterable<Example> | Iterable<Example>) => Promise<string[]> {
  if (!(examplesPerShard >= 1))
    throw new UsageError(`examples per shard: expected 1 or more, found ${examplesPerShard}`);
  return async (source) => {
    const names: string[] = [];
    let held: Example[] = [];
    const write = async (): Promise<void> => {
      const name = `${prefix}.${names.length}.egs`;
      const sink = await storage.create!(name);
      try {
        await sink.write(encodeShard(held, options));
        await sink.close();
      } catch (error) {
        await sink.abort();
        throw error;
      }
      names.push(name);
      held = [];
    };
    for await (const example of source) if (held.push(example) >= examplesPerShard) await write();
    if (held.length > 0) await write();
    return names;
  };
}

export interface ReadShardsOptions {
  readonly storage: Storage;
  /** Shuffles the shards, and the examples of `window` shards among each other; absent: in the order written. */
  readonly seed?: number | undefined;
  /** Shards held in memory and mixed; default 4. All of them: a full shuffle. */
  readonly window?: number;
  /** Goes on behind this many examples; of the shards before them only the headers are read, where that can be. Default 0. */
  readonly from?: number;
}

/**
 * Reads shards, in order or shuffled by a seed, from any example on: the same examples in the same order again.
 *
 * @throws ShardError where a shard is torn
 */
export async function* readShards(names: readonly string[], options: ReadShardsOptions): AsyncGenerator<Example> {
  const { storage, seed, window = 4, from = 0 } = options;
  if (!(window >= 1)) throw new UsageError(`window: expected 1 or more shards, found ${window}`);
  const random = seed === undefined ? undefined : Random.of(seed, 'shards');
  const order = random ? random.shuffle([...names]) : [...names];
  let skip = from;
  for (let at = 0; at < order.length; at += window) {
    const own = order.slice(at, at + window);
    if (skip > 0) {
      const lengths = await Promise.all(own.map((name) => shardLength(name, storage)));
      const total = lengths.reduce((a, b) => a + b, 0);
      if (skip >= total) {
        // The draws after this window must be those of a run that did not skip it.
        random?.shuffle(Array.from({ length: total }, (_, i) => i));
        skip -= total;
        continue;
      }
    }
    const shards: Shard[] = [];
    for (const name of own) shards.push(new Shard(await readAll(storage.stream(name)), name));
    const places = shards.flatMap((shard, s) => Array.from({ length: shard.length }, (_, i) => [s, i] as const));
    random?.shuffle(places);
    for (const [s, i] of places.slice(skip)) yield shards[s]!.example(i);
    skip = 0;
  }
}

/** How many examples a shard holds, from its header alone where the storage has random access. */
async function shardLength(name: string, storage: Storage): Promise<number> {
  if (!storage.ranged) return new Shard(await readAll(storage.stream(name)), name).length;
  const reader = await storage.ranged(name);
  try {
    const start = await reader.read(0, 12);
    const length = headerLength(start, name);
    return readHeader(await reader.read(12, length), length, name).keys.length;
  } finally {
    await reader.close?.();
  }
}
