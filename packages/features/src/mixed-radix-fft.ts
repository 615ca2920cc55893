import type { ComplexFft } from './complex-fft.js';
import { sincosf } from './float-math.js';

const f32 = Math.fround;

/** A transform of any length by its prime factors, with every operation rounded to 32 bits as in Kaldi's ComplexFft. */
export class MixedRadixFft implements ComplexFft {
  readonly re: Float32Array;
  readonly im: Float32Array;
  private readonly passes: readonly Pass[];
  private readonly order: Int32Array;
  private readonly scratch: Float32Array;

  /** @param length 1 or more */
  constructor(length: number) {
    this.re = new Float32Array(length);
    this.im = new Float32Array(length);
    const factors = primeFactors(length);
    this.passes = factors
      .map((radix, i) =>
        planPass(
          radix,
          factors.slice(i).reduce((a, b) => a * b),
        ),
      )
      .reverse();
    this.order = inputOrder(length, factors);
    this.scratch = new Float32Array(Math.max(length, 2 * Math.max(1, ...factors)));
  }

  transform(): void {
    this.sort(this.re);
    this.sort(this.im);
    for (const pass of this.passes) this.run(pass);
  }

  private sort(x: Float32Array): void {
    const { order, scratch } = this;
    for (let i = 0; i < order.length; i++) scratch[i] = x[order[i]!]!;
    x.set(scratch.subarray(0, x.length));
  }

  private run({ radix, count, cos, sin }: Pass): void {
    const { re, im, scratch } = this;
    const size = radix * count;
    for (let block = 0; block < re.length; block += size)
      for (let q = 0, t = 0; q < count; q++) {
        for (let out = 0; out < radix; out++) {
          let sumRe = re[block + q]!;
          let sumIm = im[block + q]!;
          for (let p = 1; p < radix; p++, t++) {
            const x = re[block + q + p * count]!;
            const y = im[block + q + p * count]!;
            const c = cos[t]!;
            const s = sin[t]!;
            sumRe = f32(sumRe + f32(f32(x * c) - f32(y * s)));
            sumIm = f32(sumIm + f32(f32(x * s) + f32(y * c)));
          }
          scratch[2 * out] = sumRe;
          scratch[2 * out + 1] = sumIm;
        }
        for (let out = 0; out < radix; out++) {
          re[block + q + out * count] = scratch[2 * out]!;
          im[block + q + out * count] = scratch[2 * out + 1]!;
        }
      }
  }
}

interface Pass {
  readonly radix: number;
  readonly count: number;
  /** Twiddles by q, output and input 1 .. radix - 1. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

type Complex = readonly [re: number, im: number];
const times = ([a, b]: Complex, [c, d]: Complex): Complex => [
  f32(f32(c * a) - f32(d * b)),
  f32(f32(c * b) + f32(d * a)),
];
const rootOf = (n: number): Complex => {
  const [sin, cos] = sincosf((-2 * Math.PI) / n);
  return [cos, sin];
};

/** Kaldi makes each twiddle from the one before it; so do we, for the same rounding errors. */
function planPass(radix: number, size: number): Pass {
  const count = size / radix;
  const cos: number[] = [];
  const sin: number[] = [];
  let turn: Complex = [1, 0];
  for (let q = 0; q < count; q++) {
    let step = turn;
    for (let out = 0; out < radix; out++) {
      let power = step;
      for (let p = 1; p < radix; p++) {
        if (p > 1) power = times(step, power);
        cos.push(power[0]);
        sin.push(power[1]);
      }
      step = times(rootOf(radix), step);
    }
    turn = times(rootOf(size), turn);
  }
  return { radix, count, cos: Float32Array.from(cos), sin: Float32Array.from(sin) };
}

function primeFactors(n: number): number[] {
  const factors: number[] = [];
  let left = n;
  for (let f = 2; left > 1; f++) for (; left % f === 0; left /= f) factors.push(f);
  return factors;
}

/** Where each value comes from once all factors have been split off, outermost first. */
function inputOrder(length: number, factors: readonly number[]): Int32Array {
  let order = Int32Array.from({ length }, (_, i) => i);
  let size = length;
  for (const radix of factors) {
    const count = size / radix;
    const next = new Int32Array(length);
    for (let block = 0; block < length; block += size)
      for (let p = 0; p < radix; p++)
        for (let q = 0; q < count; q++) next[block + p * count + q] = order[block + q * radix + p]!;
    order = next;
    size = count;
  }
  return order;
}
