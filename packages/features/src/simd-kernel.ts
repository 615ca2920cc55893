import { type Code, type WasmFunction, call, f32x4, f64x2, get, i32, instantiate, loop, set, v128 } from '@jebena/wasm';
import { realTwiddles } from './real-fft.js';
import type { KernelPlan, SpectrumKernel } from './spectrum-kernel.js';
import { bitReversal, splitRadixTwiddles } from './split-radix-fft.js';

const { add, sub, mul, div, splat } = f32x4;

/**
 * Four frames at once, one in each lane of WebAssembly's vectors: the operations of `ScalarKernel` and
 * `SplitRadixFft` in their order, so the numbers are the same bit for bit, several times as fast.
 *
 * @returns undefined where frames are not a power of two, or the host forbids or lacks WebAssembly's vectors
 */
export function simdKernel(plan: KernelPlan): SpectrumKernel | undefined {
  const { paddedSize } = plan.geometry;
  if (paddedSize < 16 || !Number.isInteger(Math.log2(paddedSize))) return undefined;
  const layout = layOut(plan);
  const made = instantiate(functions(plan, layout), layout.bytes);
  if (!made) return undefined;
  const { memory } = made;
  const f = made.functions['f']!;
  fillTables(memory, plan, layout);
  const stride = layout.powerRow / 4;
  return {
    lanes: 4,
    input: new Float32Array(memory, layout.input, plan.capacity),
    power: new Float32Array(memory, layout.power, 4 * stride),
    stride,
    energy: new Float64Array(memory, layout.energy, 4),
    run: (at, shift) => f(layout.input + 4 * at, 4 * shift),
  };
}

interface Layout {
  readonly window: number;
  /** Where the twiddles of each size start. */
  readonly twiddles: ReadonlyMap<number, number>;
  /** For k = 1 .. n / 2: offsets of bins k and n - k, cosine and sine. */
  readonly post: number;
  readonly energy: number;
  readonly power: number;
  readonly powerRow: number;
  /** Four samples in turn of the four frames. */
  readonly frame: number;
  readonly re: number;
  readonly im: number;
  readonly input: number;
  readonly bytes: number;
}

function layOut({ geometry, capacity }: KernelPlan): Layout {
  let bytes = 0;
  const take = (count: number): number => {
    const start = bytes;
    bytes += Math.ceil(count / 16) * 16;
    return start;
  };
  const n = geometry.paddedSize / 2;
  const twiddles = new Map<number, number>();
  const window = take(4 * geometry.size);
  for (let size = 16; size <= n; size *= 2) twiddles.set(size, take(24 * (size / 4)));
  const powerRow = Math.ceil((4 * (n + 1)) / 16) * 16;
  return {
    window,
    twiddles,
    post: take(16 * (n / 2 + 1)),
    energy: take(32),
    power: take(4 * powerRow),
    powerRow,
    frame: take(16 * geometry.size),
    re: take(16 * n),
    im: take(16 * n),
    input: take(4 * capacity),
    bytes,
  };
}

function fillTables(buffer: ArrayBuffer, { window, geometry }: KernelPlan, layout: Layout): void {
  const n = geometry.paddedSize / 2;
  new Float32Array(buffer, layout.window, window.length).set(window);
  for (const [size, at] of layout.twiddles) new Float32Array(buffer, at, 6 * (size / 4)).set(splitRadixTwiddles(size));
  const order = bitReversal(Math.log2(n));
  const { cos, sin } = realTwiddles(geometry.paddedSize);
  const view = new DataView(buffer);
  for (let k = 0; k <= n / 2; k++) {
    const at = layout.post + 16 * k;
    view.setInt32(at, 16 * order[k]!, true);
    view.setInt32(at + 4, 16 * order[(n - k) % n]!, true);
    view.setFloat32(at + 8, cos[k]!, true);
    view.setFloat32(at + 12, sin[k]!, true);
  }
}

/** Helpers first, then the transforms of growing size, last the kernel itself. */
function functions(plan: KernelPlan, layout: Layout): WasmFunction[] {
  const n = plan.geometry.paddedSize / 2;
  const list: WasmFunction[] = [
    { params: 2, vectors: 12, body: fourPoints(layout, 0, (d, v) => storeDifferences(layout, d, v)) },
    { params: 2, vectors: 12, body: fourPoints(layout, 0, (d, v) => storeEighth(layout, d, v)) },
    { params: 4, vectors: 14, body: generalRange(layout) },
    { params: 1, vectors: 4, body: twoPoints(layout) },
  ];
  const [zero, eighth, general, two] = [0, 1, 2, 3];
  const transformOf = new Map([[2, two]]);
  for (let size = 4; size <= n; size *= 2) {
    const quarter = 4 * size;
    const from = (bytes: number): Code => i32.add(get(0), i32.const(bytes));
    const quarterOf = i32.const(quarter);
    const body: Code[] = [call(zero, get(0), quarterOf)];
    if (size >= 8) body.push(call(eighth, from(quarter / 2), quarterOf));
    if (size >= 16) {
      const table = layout.twiddles.get(size)!;
      const range = (first: number, last: number): Code =>
        call(general, from(16 * first), from(16 * last), i32.const(table + 24 * first), quarterOf);
      body.push(range(1, size / 8), range(size / 8 + 1, size / 4));
    }
    body.push(call(transformOf.get(size / 2)!, get(0)));
    if (size >= 8) for (const part of [2, 3]) body.push(call(transformOf.get(size / 4)!, from(part * quarter)));
    transformOf.set(size, list.length);
    list.push({ params: 1, body: body.flat() });
  }
  const transform = call(transformOf.get(n)!, i32.const(0));
  const body = [...gather(plan, layout), ...shape(plan, layout), ...transform, ...powers(plan, layout)];
  list.push({ params: 2, integers: 4, vectors: 14, body });
  return list;
}

/** Two complex points: sums and differences. Param 0: their place. */
function twoPoints({ re, im }: Layout): Code {
  return [re, im].flatMap((plane) => [
    ...set(1, v128.load(get(0), plane)),
    ...set(2, v128.load(get(0), plane + 16)),
    ...v128.store(get(0), plane, add(get(1), get(2))),
    ...v128.store(get(0), plane + 16, sub(get(1), get(2))),
  ]);
}

/**
 * The butterfly that splits off one half and two quarters, at four points a quarter apart; the last two are left to
 * `rest`, which is given their places and the locals of sumRe, lessIm, lessRe and sumIm.
 *
 * @param pointer local of the first point's place; local 1 (or 3 of a range) is the quarter in bytes
 */
function fourPoints(
  { re, im }: Layout,
  pointer: number,
  rest: (places: readonly [Code, Code], values: readonly Code[]) => Code,
  quarter: number = 1,
  first: number = 2,
): Code {
  const v = (i: number): number => first + i;
  const places = [0, 1, 2, 3].map((i) =>
    i === 0 ? get(pointer) : i32.add(get(pointer), i === 1 ? get(quarter) : i32.mul(get(quarter), i32.const(i))),
  );
  const load = places.flatMap((place, i) => [
    ...set(v(i), v128.load(place, re)),
    ...set(v(4 + i), v128.load(place, im)),
  ]);
  const halves = [0, 1].flatMap((i) => [
    ...v128.store(places[i]!, re, add(get(v(i)), get(v(i + 2)))),
    ...v128.store(places[i]!, im, add(get(v(4 + i)), get(v(6 + i)))),
    ...set(v(i), sub(get(v(i)), get(v(i + 2)))),
    ...set(v(4 + i), sub(get(v(4 + i)), get(v(6 + i)))),
  ]);
  const [re2, re3, im2, im3] = [get(v(0)), get(v(1)), get(v(4)), get(v(5))];
  const differences = [
    ...set(v(8), add(re2, im3)),
    ...set(v(9), sub(im2, re3)),
    ...set(v(2), sub(re2, im3)),
    ...set(v(3), add(im2, re3)),
  ];
  return [
    ...load,
    ...halves,
    ...differences,
    ...rest(
      [places[2]!, places[3]!],
      [8, 9, 2, 3].map((i) => get(v(i))),
    ),
  ];
}

function storeDifferences({ re, im }: Layout, [a, b]: readonly [Code, Code], values: readonly Code[]): Code {
  const [sumRe, lessIm, lessRe, sumIm] = values as [Code, Code, Code, Code];
  return [
    v128.store(a, re, sumRe),
    v128.store(a, im, lessIm),
    v128.store(b, re, lessRe),
    v128.store(b, im, sumIm),
  ].flat();
}

function storeEighth({ re, im }: Layout, [a, b]: readonly [Code, Code], values: readonly Code[]): Code {
  const [sumRe, lessIm, lessRe, sumIm] = values as [Code, Code, Code, Code];
  const [half, lessHalf] = [splat(Math.SQRT1_2), splat(-Math.SQRT1_2)];
  return [
    v128.store(a, re, mul(half, add(sumRe, lessIm))),
    v128.store(a, im, mul(half, sub(lessIm, sumRe))),
    v128.store(b, re, mul(half, sub(sumIm, lessRe))),
    v128.store(b, im, mul(lessHalf, add(lessRe, sumIm))),
  ].flat();
}

/** Butterflies with twiddles from one place to another. Params: place, end, twiddles, quarter in bytes. */
function generalRange(layout: Layout): Code {
  const { re, im } = layout;
  const twiddle = (i: number): Code => v128.splat32(get(2), 4 * i);
  const [one, three] = [14, 15];
  const turn = ([a, b]: readonly [Code, Code], values: readonly Code[]): Code => {
    const [sumRe, lessIm, lessRe, sumIm] = values as [Code, Code, Code, Code];
    return [
      set(one, mul(twiddle(0), add(sumRe, lessIm))),
      v128.store(a, re, add(mul(twiddle(2), lessIm), get(one))),
      v128.store(a, im, add(mul(twiddle(1), sumRe), get(one))),
      set(three, mul(twiddle(3), add(lessRe, sumIm))),
      v128.store(b, re, add(mul(twiddle(5), sumIm), get(three))),
      v128.store(b, im, add(mul(twiddle(4), lessRe), get(three))),
    ].flat();
  };
  const step = [...set(0, i32.add(get(0), i32.const(16))), ...set(2, i32.add(get(2), i32.const(24)))];
  return loop([...fourPoints(layout, 0, turn, 3, 4), ...step], i32.lessThan(get(0), get(1)));
}

// Locals of the kernel: params 0 (place of the first frame) and 1 (shift in bytes), integers from 2, vectors from 6.
const [count, second, third, fourth] = [2, 3, 4, 5];
const [x, low, high, mean, before, y, lowEnergy, highEnergy] = [6, 7, 8, 9, 10, 11, 12, 13];

/** Interleaves the four frames and sums each in 64 bits. */
function gather({ geometry, removeMean }: KernelPlan, { frame }: Layout): Code {
  const { size } = geometry;
  const interleave = [0, second, third, fourth].reduce<Code>(
    (others, place, lane) => (lane === 0 ? v128.splat32(get(place), 0) : v128.loadLane32(get(place), 0, lane, others)),
    [],
  );
  const forward = [0, second, third, fourth].flatMap((place) => set(place, i32.add(get(place), i32.const(4))));
  const sums = [
    ...set(low, f64x2.add(get(low), f64x2.promote(get(x)))),
    ...set(high, f64x2.add(get(high), f64x2.promote(v128.highHalf(get(x))))),
  ];
  return [
    ...set(second, i32.add(get(0), get(1))),
    ...set(third, i32.add(get(second), get(1))),
    ...set(fourth, i32.add(get(third), get(1))),
    ...set(count, i32.const(0)),
    ...set(low, f64x2.zero),
    ...set(high, f64x2.zero),
    ...loop(
      [
        ...set(x, interleave),
        ...v128.store(get(count), frame, get(x)),
        ...(removeMean ? sums : []),
        ...forward,
        ...set(count, i32.add(get(count), i32.const(16))),
      ],
      i32.lessThan(get(count), i32.const(16 * size)),
    ),
    ...set(
      mean,
      removeMean ? div(v128.lowHalves(f32x4.demote(get(low)), f32x4.demote(get(high))), splat(size)) : splat(0),
    ),
  ];
}

/** Mean, energy, pre-emphasis and window; even samples become real parts, odd ones imaginary parts. */
function shape({ geometry, preemphasis, energyOf }: KernelPlan, { frame, window, energy, re, im }: Layout): Code {
  const { size, paddedSize } = geometry;
  const energyFrom = energyOf === 'raw' ? x : y;
  const add64 = (sum: number, value: Code): Code => set(sum, f64x2.add(get(sum), f64x2.mul(value, value)));
  const energies =
    energyOf === 'none'
      ? []
      : [
          ...add64(lowEnergy, f64x2.promote(get(energyFrom))),
          ...add64(highEnergy, f64x2.promote(v128.highHalf(get(energyFrom)))),
        ];
  // `count` goes over samples by 16 bytes, `second` over the window by 4, `third` over complex points by 16.
  const one = (step: number, plane: number): Code => [
    ...set(x, sub(v128.load(get(count), frame + 16 * step), get(mean))),
    ...set(y, mul(sub(get(x), mul(splat(preemphasis), get(before))), v128.splat32(get(second), window + 4 * step))),
    ...energies,
    ...v128.store(get(third), plane, get(y)),
    ...set(before, get(x)),
  ];
  const pairs = Math.trunc(size / 2);
  const odd = size % 2 === 1;
  const zeros = (plane: number, from: number): Code => [
    ...set(count, i32.const(16 * from)),
    ...loop(
      [...v128.store(get(count), plane, splat(0)), ...set(count, i32.add(get(count), i32.const(16)))],
      i32.lessThan(get(count), i32.const(8 * paddedSize)),
    ),
  ];
  return [
    ...set(before, sub(v128.load(i32.const(0), frame), get(mean))),
    ...set(lowEnergy, f64x2.zero),
    ...set(highEnergy, f64x2.zero),
    ...[count, second, third].flatMap((local) => set(local, i32.const(0))),
    ...loop(
      [
        ...one(0, re),
        ...one(1, im),
        ...set(count, i32.add(get(count), i32.const(32))),
        ...set(second, i32.add(get(second), i32.const(8))),
        ...set(third, i32.add(get(third), i32.const(16))),
      ],
      i32.lessThan(get(third), i32.const(16 * pairs)),
    ),
    ...(odd ? one(0, re) : []),
    ...v128.store(i32.const(energy), 0, get(lowEnergy)),
    ...v128.store(i32.const(energy), 16, get(highEnergy)),
    ...(2 * (pairs + Number(odd)) < paddedSize ? zeros(re, pairs + Number(odd)) : []),
    ...(2 * pairs < paddedSize ? zeros(im, pairs) : []),
  ];
}

/** The real transform out of the complex one, squared, each frame in its row. */
function powers({ geometry }: KernelPlan, { post, power, powerRow, re, im }: Layout): Code {
  const n = geometry.paddedSize / 2;
  const [rk, ik, rm, imm, evenRe, evenIm, oddRe, oddIm, turnedRe, turnedIm] = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
  const [entry, out, mirror] = [2, 3, 4];
  const half = splat(0.5);
  const place = (word: number): Code => i32.load(get(entry), post + 4 * word);
  const number = (word: number): Code => v128.splat32(get(entry), post + 4 * word);
  const square = (a: Code, b: Code): Code => add(mul(a, a), mul(b, b));
  const scatter = (at: Code, value: Code): Code => [
    ...set(rk, value),
    ...[0, 1, 2, 3].flatMap((lane) => v128.storeLane32(at, power + lane * powerRow, lane, get(rk))),
  ];
  const body = [
    ...set(rk, v128.load(place(0), re)),
    ...set(ik, v128.load(place(0), im)),
    ...set(rm, v128.load(place(1), re)),
    ...set(imm, v128.load(place(1), im)),
    ...set(evenRe, mul(half, add(get(rk), get(rm)))),
    ...set(evenIm, mul(half, sub(get(ik), get(imm)))),
    ...set(oddRe, mul(half, add(get(ik), get(imm)))),
    ...set(oddIm, mul(splat(-0.5), sub(get(rk), get(rm)))),
    ...set(turnedRe, sub(mul(number(2), get(oddRe)), mul(number(3), get(oddIm)))),
    ...set(turnedIm, add(mul(number(2), get(oddIm)), mul(number(3), get(oddRe)))),
    // Bin n - k first: at k = n - k the other one must stay.
    ...set(ik, sub(get(evenRe), get(turnedRe))),
    ...set(imm, sub(get(turnedIm), get(evenIm))),
    ...scatter(get(mirror), square(get(ik), get(imm))),
    ...set(ik, add(get(evenRe), get(turnedRe))),
    ...set(imm, add(get(evenIm), get(turnedIm))),
    ...scatter(get(out), square(get(ik), get(imm))),
    ...set(entry, i32.add(get(entry), i32.const(16))),
    ...set(out, i32.add(get(out), i32.const(4))),
    ...set(mirror, i32.sub(get(mirror), i32.const(4))),
  ];
  const [first, firstIm] = [v128.load(i32.const(0), re), v128.load(i32.const(0), im)];
  return [
    ...set(ik, add(first, firstIm)),
    ...scatter(i32.const(0), mul(get(ik), get(ik))),
    ...set(ik, sub(first, firstIm)),
    ...scatter(i32.const(4 * n), mul(get(ik), get(ik))),
    ...set(entry, i32.const(16)),
    ...set(out, i32.const(4)),
    ...set(mirror, i32.const(4 * (n - 1))),
    ...loop(body, i32.lessThan(get(out), i32.const(4 * (n / 2 + 1)))),
  ];
}
