import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';

/** Draws from a seed: the same seed and the same order of calls give the same draws. */
export class Random {
  private readonly generator;
  private spare = Number.NaN;

  /** @param seed or what `state` gave, to go on from there */
  constructor(seed: number | readonly number[]) {
    if (typeof seed === 'number') this.generator = xoroshiro128plus(seed | 0);
    else {
      this.generator = xoroshiro128plusFromState(seed.slice(0, -1));
      this.spare = seed.at(-1)!;
    }
  }

  /** Where the draws stand. */
  state(): number[] {
    return [...this.generator.getState(), this.spare];
  }

  /** A number from `low` up to, and without, `high`. */
  uniform(low: number = 0, high: number = 1): number {
    return low + (high - low) * uniformFloat64(this.generator);
  }

  /** A whole number from `low` to `high`, both among them. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** One of the values. */
  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError('Random.pick: expected at least one value, found none');
    return values[this.integer(0, values.length - 1)]!;
  }

  /** A draw from the normal distribution of mean 0 and deviation 1 (Marsaglia's polar method). */
  gaussian(): number {
    if (!Number.isNaN(this.spare)) {
      const value = this.spare;
      this.spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = this.uniform(-1, 1);
      const y = this.uniform(-1, 1);
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = y * scale;
      return x * scale;
    }
  }
}

/** A seed for one key (an utterance, say): the draws for a key do not depend on the order of the keys. */
export function seedFor(seed: number, key: string): number {
  // FNV-1a over the key's UTF-16 units, mixed with the seed.
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash | 0;
}
