import { UsageError } from '@jebena/options';
import { Chunker, type ChunkOptions } from './chunks.js';
import type { Example } from './example.js';
import { Random } from './random.js';
import { leaveOut } from './report.js';
import type { UtteranceExample } from './utterance-example.js';

/** An utterance that chunks may be drawn from. */
export interface Candidate {
  readonly key: string;
  /** Its length; needed to draw in proportion to it. */
  readonly frames?: number | undefined;
  /** Its speaker or class; needed to draw by it. */
  readonly group?: string | undefined;
}

/**
 * How utterances are drawn: each as likely as the other, in proportion to their lengths (each frame as likely as the
 * other), or first a group (speaker, class), each as likely as the other, and then one of its utterances.
 */
export type DrawBy = 'utterance' | 'frames' | 'group';

export interface SampleOptions extends Omit<ChunkOptions, 'sizes' | 'overlap' | 'position'> {
  readonly utterances: readonly Candidate[];
  /** Reads an utterance, as it is drawn: from a script file, from memory; see {@link TargetJoiner}. */
  readonly load: (key: string) => UtteranceExample | undefined | Promise<UtteranceExample | undefined>;
  /** Frames of each chunk. */
  readonly size: number;
  /** Chunks drawn: what counts as an epoch. */
  readonly count: number;
  /** Default `utterance`. */
  readonly by?: DrawBy;
  /** Goes on behind this many chunks, without reading for those before. Default 0. */
  readonly from?: number;
}

/**
 * Draws random chunks straight from features, with no pass over the data and no files of examples, as nnet_pytorch
 * does: an utterance, then a place in it, each as likely as the other. Chunk i depends on the seed and on i alone.
 *
 * @example
 * ```ts
 * sampleChunks({ utterances, load: async (key) => joiner.join(key, await feats.get(key)), size: 140, count: 100000, seed: epoch })
 * ```
 * @throws EgsError for an utterance shorter than a chunk, or that cannot be loaded, where there is no report
 */
export async function* sampleChunks(options: SampleOptions): AsyncGenerator<Example> {
  const { utterances, load, size, count, by = 'utterance', from = 0, seed = 0, signal, ...rest } = options;
  const draw = drawing(utterances, by);
  const chunker = new Chunker({ ...rest, seed, sizes: size });
  let fruitless = 0;
  for (let i = from; i < count; i++) {
    // Draws that come to nothing are made again, but not for ever where no utterance will do.
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const random = Random.of(seed, `${i} ${attempt}`);
      const { key } = draw(random);
      const utterance = await load(key);
      const example = utterance && chunker.sample(utterance, random);
      if (example) {
        fruitless = 0;
        yield example;
        break;
      }
      if (!utterance) leaveOut(options.report, { kind: 'missing-features', key, message: 'it could not be loaded' });
      if (++fruitless > 10 * utterances.length + 100)
        throw new UsageError(`sampling: none of ${fruitless} utterances drawn has a chunk of ${size} frames`);
    }
  }
}

function drawing(utterances: readonly Candidate[], by: DrawBy): (random: Random) => Candidate {
  if (utterances.length === 0) throw new UsageError('sampling: expected utterances, found none');
  const missing = (what: keyof Candidate): void => {
    const one = utterances.find((u) => u[what] === undefined);
    if (one) throw new UsageError(`sampling by ${by}: expected ${what} of every utterance, found none of '${one.key}'`);
  };
  if (by === 'utterance') return (random) => utterances[random.below(utterances.length)]!;
  if (by === 'group') {
    missing('group');
    const groups = new Map<string, Candidate[]>();
    for (const u of utterances) groups.set(u.group!, [...(groups.get(u.group!) ?? []), u]);
    const all = [...groups.values()];
    return (random) => {
      const group = all[random.below(all.length)]!;
      return group[random.below(group.length)]!;
    };
  }
  missing('frames');
  const ends = new Float64Array(utterances.length);
  let total = 0;
  utterances.forEach((u, i) => (ends[i] = total += u.frames!));
  return (random) => {
    const wanted = random.unit() * total;
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return utterances[low]!;
  };
}
