import { type Code, f32x4, get, i32x4, set } from '@jebena/wasm';
import { outputLimit } from './output-limit.js';

const { add, sub, mul, min, max, splat } = f32x4;

/** Adding and taking away 1.5 * 2^23 rounds to a whole number, which is then in the lowest bits. */
const shift = 12582912;
const shiftBits = 0x4b400000;

/** Of exp(r) - 1 - r over r^2, for |r| <= ln 2 / 2: the coefficients of S. Moshier's Cephes library, highest first. */
const coefficients = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];
/** ln 2 as the sum of a number of few bits, whose products with whole numbers are exact, and the rest. */
const [ln2, ln2Rest] = [0.693359375, -2.1219444e-4];

/**
 * Replaces a vector by exp of it, held to +-30 first: within 2e-7 of it, relatively. NaN stays NaN.
 *
 * @param temporary locals of three vectors
 */
export function expOfVector(x: number, temporary: readonly number[]): Code {
  const [shifted, n, sum] = temporary as [number, number, number];
  const polynomial = coefficients.reduce<Code>(
    (rest, c) => [...(rest.length === 0 ? splat(c) : add(mul(rest, get(x)), splat(c)))],
    [],
  );
  const power = i32x4.shiftLeft(i32x4.add(i32x4.sub(get(shifted), i32x4.splat(shiftBits)), i32x4.splat(127)), 23);
  return [
    ...set(x, min(max(get(x), splat(-outputLimit)), splat(outputLimit))),
    ...set(shifted, add(mul(get(x), splat(Math.LOG2E)), splat(shift))),
    ...set(n, sub(get(shifted), splat(shift))),
    ...set(x, sub(sub(get(x), mul(get(n), splat(ln2))), mul(get(n), splat(ln2Rest)))),
    ...set(sum, add(add(mul(mul(polynomial, get(x)), get(x)), get(x)), splat(1))),
    ...set(x, mul(get(sum), power)),
  ];
}
