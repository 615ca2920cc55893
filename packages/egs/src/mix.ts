import { UsageError } from '@jebena/options';
import { Random } from './random.js';

export interface MixOptions {
  /** How often each stream is drawn from, relative to the others. Default: all alike. */
  readonly weights?: readonly number[];
  /** `turns` takes one from each in turn (as often as its whole weight); `random` draws. Default `random`. */
  readonly order?: 'turns' | 'random';
  /** When to stop: when all have ended, or when the first has. Default `all`. */
  readonly until?: 'all' | 'first';
  readonly seed?: number;
}

/**
 * Mixes streams into one, by weight: labelled and unlabelled minibatches, several corpora or languages. Streams that
 * are not needed any more are closed.
 */
export async function* mix<T>(
  sources: readonly (AsyncIterable<T> | Iterable<T>)[],
  { weights = sources.map(() => 1), order = 'random', until = 'all', seed = 0 }: MixOptions = {},
): AsyncGenerator<T> {
  if (weights.length !== sources.length || !weights.every((w) => w > 0))
    throw new UsageError(
      `mix: expected a weight above 0 for each of ${sources.length} streams, found '${weights.join()}'`,
    );
  const random = Random.of(seed, 'mix');
  const open = sources.map((source, i) => ({
    iterator: Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator](),
    weight: weights[i]!,
  }));
  const live = [...open];
  let turn = 0;
  let taken = 0;
  try {
    while (live.length > 0) {
      if (order === 'random') turn = pick(live, random);
      const stream = live[turn]!;
      const { done, value } = await stream.iterator.next();
      if (done) {
        if (until === 'first') return;
        live.splice(turn, 1);
        turn %= Math.max(1, live.length);
        taken = 0;
        continue;
      }
      yield value;
      if (order === 'turns' && ++taken >= stream.weight) {
        turn = (turn + 1) % live.length;
        taken = 0;
      }
    }
  } finally {
    for (const { iterator } of live) await iterator.return?.();
  }
}

function pick(live: readonly { weight: number }[], random: Random): number {
  let wanted = random.unit() * live.reduce((sum, s) => sum + s.weight, 0);
  for (const [i, { weight }] of live.entries()) if ((wanted -= weight) < 0) return i;
  return live.length - 1;
}
