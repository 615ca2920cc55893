import type { ComplexFft } from './complex-fft.js';
import { sincosf } from './float-math.js';

const f32 = Math.fround;
const half = f32(Math.SQRT1_2);

/**
 * The split-radix transform (Malvar, Signal Processing with Lapped Transforms, 1992) of a power-of-two length, with
 * every operation rounded to 32 bits as in Kaldi's matrix/srfft.cc.
 */
export class SplitRadixFft implements ComplexFft {
  readonly re: Float32Array;
  readonly im: Float32Array;
  private readonly twiddles: readonly Float32Array[];
  private readonly order: Int32Array;
  private readonly sorted: Float32Array;

  /** @param length a power of two, 2 or more */
  constructor(length: number) {
    const log = Math.log2(length);
    this.re = new Float32Array(length);
    this.im = new Float32Array(length);
    this.sorted = new Float32Array(length);
    this.twiddles = Array.from({ length: log + 1 }, (_, l) => splitRadixTwiddles(2 ** l));
    this.order = bitReversal(log);
  }

  transform(): void {
    this.pass(0, this.re.length);
    this.sort(this.re);
    this.sort(this.im);
  }

  private sort(x: Float32Array): void {
    const { order, sorted } = this;
    for (let i = 0; i < order.length; i++) sorted[i] = x[order[i]!]!;
    x.set(sorted);
  }

  /** Transforms `size` values from index `at` on, leaving them in bit-reversed order. */
  private pass(at: number, size: number): void {
    const { re, im } = this;
    if (size === 2) return butterfly(re, im, at, at + 1);
    if (size === 1) return;
    const second = at + size / 2;
    for (let a = at, b = second; a < second; a++, b++) butterfly(re, im, a, b);
    const quarter = size / 4;
    const table = this.twiddles[Math.log2(size)]!;
    for (let n = 0; n < quarter; n++) {
      const a = second + n;
      const b = a + quarter;
      const sumRe = f32(re[a]! + im[b]!);
      const sumIm = f32(im[a]! + re[b]!);
      const lessIm = f32(im[a]! - re[b]!);
      const lessRe = f32(re[a]! - im[b]!);
      if (n === 0) {
        re[a] = sumRe;
        im[a] = lessIm;
        re[b] = lessRe;
        im[b] = sumIm;
      } else if (2 * n === quarter) {
        re[a] = half * f32(sumRe + lessIm);
        im[a] = half * f32(lessIm - sumRe);
        re[b] = half * f32(sumIm - lessRe);
        im[b] = -half * f32(lessRe + sumIm);
      } else {
        const t = 6 * n;
        const one = f32(table[t]! * f32(sumRe + lessIm));
        re[a] = f32(table[t + 2]! * lessIm) + one;
        im[a] = f32(table[t + 1]! * sumRe) + one;
        const three = f32(table[t + 3]! * f32(lessRe + sumIm));
        re[b] = f32(table[t + 5]! * sumIm) + three;
        im[b] = f32(table[t + 4]! * lessRe) + three;
      }
    }
    this.pass(at, size / 2);
    this.pass(second, quarter);
    this.pass(second + quarter, quarter);
  }
}

function butterfly(re: Float32Array, im: Float32Array, a: number, b: number): void {
  const [r, i] = [re[a]!, im[a]!];
  re[a] = r + re[b]!;
  re[b] = r - re[b]!;
  im[a] = i + im[b]!;
  im[b] = i - im[b]!;
}

/** For n = 0 .. size / 4 - 1: cos, -(sin + cos), sin - cos of the angle 2 pi n / size, then of three times it. */
export function splitRadixTwiddles(size: number): Float32Array {
  const count = Math.floor(size / 4);
  const table = new Float32Array(6 * count);
  for (let n = 0; n < count; n++)
    for (const times of [1, 3]) {
      const [s, c] = sincosf((times * n * 2 * Math.PI) / size);
      table.set([c, -f32(s + c), f32(s - c)], 6 * n + (times === 1 ? 0 : 3));
    }
  return table;
}

/** The indices of `2 ** bits` values with their bits in reverse. */
export function bitReversal(bits: number): Int32Array {
  return Int32Array.from({ length: 2 ** bits }, (_, i) => {
    let reversed = 0;
    for (let b = 0; b < bits; b++) if (i & (1 << b)) reversed |= 1 << (bits - 1 - b);
    return reversed;
  });
}
