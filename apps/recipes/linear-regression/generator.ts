import { mersenne } from 'pure-rand/generator/mersenne';

/** Numbers in [0, 1) as numpy's `RandomState(seed).random_sample` draws them: 53 bits of the Mersenne Twister. */
export function randomSample(seed: number): () => number {
  const twister = mersenne(seed);
  const bits = (count: number): number => (twister.next() >>> 0) >>> (32 - count);
  return () => {
    const high = bits(27);
    return (high * 67108864 + bits(26)) / 9007199254740992;
  };
}

/** One row of inputs. */
export type Pair = readonly [x1: number, x2: number];

/** The line that the network is to find: y = 0.3 x1 + 0.1 x2 + 0.2. */
export const line = ([x1, x2]: Pair): number => 0.3 * x1 + 0.1 * x2 + 0.2;
