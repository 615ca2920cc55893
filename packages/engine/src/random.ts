import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A generator with a 32-bit state word mixed from the seed; the first draws of near seeds are far apart. */
const generator = (seed: number) => {
  const random = xoroshiro128plus(Math.imul(seed ^ (seed >>> 16), 0x45d9f3b) | 0);
  for (let i = 0; i < 4; i++) random.next();
  return random;
};

/** Uniform draws from [0, 1), 24 bits each. The same on every engine. */
export function uniformDraws(count: number, seed: number): Float32Array {
  const random = generator(seed);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = (random.next() >>> 8) * 2 ** -24;
  return out;
}

/** Draws from the standard normal distribution, by Box and Muller's method. The same on every engine, up to rounding. */
export function normalDraws(count: number, seed: number): Float32Array {
  const random = generator(seed);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(((random.next() >>> 0) + 1) * 2 ** -32));
    const angle = 2 * Math.PI * (random.next() >>> 0) * 2 ** -32;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}
