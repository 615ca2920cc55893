import { type Code, define, f32x4, get, i32, i32x4, instantiate, set, v128, whileLoop } from '@jebena/wasm';
import { expect, test } from 'vitest';

/** Runs a program on eight floats; the first four are where `at` points, the others 16 bytes on. */
function run(values: number[], body: (at: Code) => Code): number[] {
  const made = instantiate([define('go', { params: ['at'] }, ({ at }) => body(get(at)))], 64)!;
  const memory = new Float32Array(made.memory, 16, 8);
  memory.set(values);
  made.functions['go']!(16);
  return [...memory];
}
const values = [1, 2, 3, 4, 5, 6, 7, 8];

test('operations do to each lane what their names say', () => {
  const both = (op: (a: Code, b: Code) => Code) =>
    run(values, (at) => v128.store(at, 0, op(v128.load(at, 16), v128.load(at, 0)))).slice(0, 4);
  expect(both(f32x4.add)).toEqual([6, 8, 10, 12]);
  expect(both(f32x4.sub)).toEqual([4, 4, 4, 4]);
  expect(both(f32x4.mul)).toEqual([5, 12, 21, 32]);
  expect(both(f32x4.div)).toEqual([5, 3, Math.fround(7 / 3), 2]);
  expect(both(f32x4.min)).toEqual([1, 2, 3, 4]);
  expect(both(f32x4.max)).toEqual([5, 6, 7, 8]);
  expect(both((a, b) => v128.lanes32(a, b, [3, 4, 0, 7]))).toEqual([8, 1, 5, 4]);
  expect(both(v128.lowHalves)).toEqual([5, 6, 1, 2]);
});

test('powers of two are made of their bits', () => {
  const exponent = (n: number) =>
    i32x4.shiftLeft(i32x4.sub(i32x4.add(i32x4.splat(n), i32x4.splat(130)), i32x4.splat(3)), 23);
  expect(run(values, (at) => v128.store(at, 0, exponent(5)))[2]).toBe(32);
  expect(run(values, (at) => v128.store(at, 0, exponent(-70)))[2]).toBe(2 ** -70);
});

test('a loop may run no time, and as often as its condition holds', () => {
  const fill = define('fill', { params: ['at', 'end'], vectors: { x: 1 } }, ({ at, end, x: [x] }) => [
    ...set(x!, f32x4.splat(7)),
    ...whileLoop(i32.lessThan(get(at), get(end)), [
      ...v128.store(get(at), 0, get(x!)),
      ...set(at, i32.add(get(at), i32.const(16))),
    ]),
  ]);
  const { memory, functions } = instantiate([fill], 64)!;
  const numbers = new Float32Array(memory, 0, 16);
  functions['fill']!(16, 16);
  expect(numbers.every((n) => n === 0)).toBe(true);
  functions['fill']!(16, 48);
  expect([...numbers]).toEqual([0, 0, 0, 0, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0]);
});

test('what the host does not take is undefined', () => {
  expect(instantiate([{ params: 0, body: [0xff] }], 64)).toBeUndefined();
});
