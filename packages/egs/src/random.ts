import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Murmur3's finaliser: near inputs give far outputs. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** FNV-1a over UTF-16 units, from a starting value. */
function hashText(text: string, start: number): number {
  let h = start;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

/**
 * A stream of random draws that depends on nothing but a seed and a name (an utterance, a stage), so that an
 * utterance is cut the same way whatever came before it.
 */
export class Random {
  private constructor(private readonly generator: RandomGenerator) {}

  /** @param seed any number; its fraction is ignored, its 53-bit whole part counts */
  static of(seed: number, name: string = ''): Random {
    const low = hashText(name, mix((seed | 0) ^ 0x811c9dc5));
    const high = hashText(name, mix(Math.trunc(seed / 4294967296) ^ low ^ 0x27d4eb2f));
    const word = (k: number): number => mix(Math.imul(k, 0x9e3779b9) ^ low) ^ mix(Math.imul(k, 0x7f4a7c15) + high);
    return new Random(xoroshiro128plusFromState([word(1) | 1, word(2), word(3), word(4)]));
  }

  /** Goes on from what {@link Random.state} gave. */
  static from(state: readonly number[]): Random {
    return new Random(xoroshiro128plusFromState(state));
  }

  /** Where the stream is, as plain numbers. */
  get state(): number[] {
    return [...this.generator.getState()];
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return count < 2 ? 0 : uniformInt(this.generator, 0, count - 1);
  }

  /** A number from 0 up to, not including, 1, in steps of 2^-32. */
  unit(): number {
    return (this.generator.next() >>> 0) / 4294967296;
  }

  /** Shuffles an array in place and returns it (Fisher-Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i]!;
      items[i] = items[j]!;
      items[j] = held;
    }
    return items;
  }
}
