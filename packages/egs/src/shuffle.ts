import { UsageError } from '@jebena/options';
import { type Stage, type StageOptions, stage } from '@jebena/stream';
import { detach, type Example } from './example.js';
import type { Position, Resumable } from './position.js';
import { Random } from './random.js';

export interface ShuffleOptions extends StageOptions {
  /** Items held, 1 or more; Infinity holds all of them: a full shuffle. Default 5000. */
  readonly buffer?: number;
  /** Seed of the order; give another for another epoch. Default 0. */
  readonly seed?: number;
  /** Where the pipeline's position is kept, so that it can go on after a crash. */
  readonly position?: Position | undefined;
}

/** Chunks are saved with their own frames, not with their utterance's. */
const compact = <T>(item: T): T => {
  const example = item as Partial<Example> | null;
  return Array.isArray(example?.inputs) && Array.isArray(example.outputs) ? (detach(example as Example) as T) : item;
};

/** Puts items in a random order with a bounded buffer: each item in gives a random one of those held. */
export class Shuffler<T> implements Resumable<T, T> {
  private held: T[] = [];
  private random: Random;
  private readonly buffer: number;

  constructor({ buffer = 5000, seed = 0 }: ShuffleOptions = {}) {
    if (!(buffer >= 1)) throw new UsageError(`shuffle: expected a buffer of 1 or more, found ${buffer}`);
    this.buffer = Math.floor(buffer);
    this.random = Random.of(seed, 'shuffle');
  }

  push(item: T): T[] {
    if (this.held.length < this.buffer) {
      this.held.push(item);
      return [];
    }
    const i = this.random.below(this.held.length);
    const out = this.held[i]!;
    this.held[i] = item;
    return [out];
  }

  flush(): T[] {
    return this.random.shuffle(this.held.splice(0));
  }

  save(): unknown {
    return { held: this.held.map(compact), random: this.random.state };
  }

  restore(state: unknown): void {
    const { held, random } = state as { held: T[]; random: number[] };
    this.held = held;
    this.random = Random.from(random);
  }
}

/**
 * Puts items in a random order, as `nnet3-shuffle-egs --buffer-size` does, but from a seed.
 *
 * @example
 * ```ts
 * pipe(examples, shuffle({ buffer: 5000, seed: epoch }), minibatches('64,32'))
 * ```
 */
export const shuffle = <T = Example>(options: ShuffleOptions = {}): Stage<T, T> => {
  const make = (): Shuffler<T> => new Shuffler<T>(options);
  return options.position ? options.position.stage('shuffle', make, options) : stage(make, options);
};
