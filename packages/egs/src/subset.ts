import { Random } from './random.js';

/** Draws `count` items out of a stream of unknown length, each as likely as the other; holds no more than those. */
export class Subset<T> {
  private readonly held: T[] = [];
  private readonly random: Random;
  private seen = 0;

  /** @param shuffle whether the items come in random order; else they come in that of the stream */
  constructor(
    private readonly count: number,
    { seed = 0, shuffle = true }: { seed?: number; shuffle?: boolean } = {},
  ) {
    this.random = Random.of(seed, 'subset');
    this.shuffle = shuffle;
  }

  private readonly shuffle: boolean;
  private readonly order: number[] = [];

  push(item: T): T[] {
    const place = this.held.length < this.count ? this.held.length : this.random.below(this.seen + 1);
    if (place < this.count) {
      this.held[place] = item;
      this.order[place] = this.seen;
    }
    this.seen++;
    return [];
  }

  flush(): T[] {
    const places = this.held.map((_, i) => i);
    if (this.shuffle) this.random.shuffle(places);
    else places.sort((a, b) => this.order[a]! - this.order[b]!);
    return places.map((i) => this.held[i]!);
  }
}
