import { expect, test } from 'vitest';
import { logf, sincosf } from '../src/float-math.js';

// What glibc 2.36 gives on x86-64, at points where it is not the 32-bit number nearest to the true value.
const logs = [
  [1.01268566, 0.0126058683],
  [1.09619999, 0.09184964],
  [1.38955712, 0.328985095],
  [2.27967143, 0.824031353],
  [6.30368567, 1.84113455],
  [22.1217136, 3.09655976],
] as const;
const sines = [
  [0.294524312, 0.290284693, 0.956940353],
  [1.2517283, 0.949528158, 0.313681781],
  [0.539961219, 0.514102697, 0.857728601],
  [0.119650498, 0.119365215, 0.992850423],
  [1.33149529, 0.971503854, 0.237023652],
  [2.44823337, 0.639124453, -0.769103348],
] as const;

test('logarithms, sines and cosines are those of the C library', () => {
  for (const [x, wanted] of logs) {
    expect(logf(Math.fround(x))).toBe(Math.fround(wanted));
    expect(Math.fround(Math.log(Math.fround(x)))).not.toBe(Math.fround(wanted));
  }
  for (const [x, sin, cos] of sines) expect(sincosf(x)).toEqual([Math.fround(sin), Math.fround(cos)]);
});

test('they are within a unit of the last place everywhere', () => {
  for (let x = 1e-7; x < 1e20; x *= 1.37) {
    const float = Math.fround(x);
    expect(Math.abs(logf(float) - Math.log(float))).toBeLessThanOrEqual(
      2 ** -23 * Math.max(0.5, Math.abs(Math.log(x))),
    );
  }
  for (let x = -7; x < 7; x += 0.013) {
    const [sin, cos] = sincosf(x);
    expect(Math.abs(sin - Math.sin(Math.fround(x)))).toBeLessThan(1e-7);
    expect(Math.abs(cos - Math.cos(Math.fround(x)))).toBeLessThan(1e-7);
  }
});
