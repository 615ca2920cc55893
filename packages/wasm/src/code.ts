/** Bytes of WebAssembly; an expression leaves one value, a statement none. */
export type Code = readonly number[];

/** LEB128, as the format writes whole numbers. */
export const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>>= 7;
  } while (left > 0);
  return bytes;
};

const signed = (value: number): number[] => {
  const bytes: number[] = [];
  for (let left = value; ;) {
    const byte = left & 0x7f;
    left >>= 7;
    if ((left === 0 && !(byte & 0x40)) || (left === -1 && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
};

const binary =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const at = (align: number, offset: number): number[] => [align, ...unsigned(offset)];
const float = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const call = (fn: number, ...args: Code[]): Code => [...args.flat(), 0x10, ...unsigned(fn)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  /** Unsigned: 1 where a < b, else 0. */
  lessThan: binary(0x49),
  load: (address: Code, offset: number): Code => [...address, 0x28, ...at(2, offset)],
};

/** Bytes that a shuffle takes, of two vectors one after the other. */
const lowLanes = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const highLanes = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/** Vectors of 16 bytes; addresses need no alignment. */
export const v128 = {
  load: (address: Code, offset: number): Code => [...address, ...simd(0), ...at(4, offset)],
  store: (address: Code, offset: number, value: Code): Code => [...address, ...value, ...simd(11), ...at(4, offset)],
  /** One 32-bit number in all four lanes. */
  splat32: (address: Code, offset: number): Code => [...address, ...simd(9), ...at(2, offset)],
  loadLane32: (address: Code, offset: number, lane: number, others: Code): Code => [
    ...address,
    ...others,
    ...simd(86),
    ...at(2, offset),
    lane,
  ],
  storeLane32: (address: Code, offset: number, lane: number, value: Code): Code => [
    ...address,
    ...value,
    ...simd(90),
    ...at(2, offset),
    lane,
  ],
  /** The low halves of both, one after the other. */
  lowHalves: (a: Code, b: Code): Code => [...a, ...b, ...simd(13), ...lowLanes],
  /** The high half in place of the low one. */
  highHalf: (a: Code): Code => [...a, ...a, ...simd(13), ...highLanes],
  /** Four 32-bit lanes out of the eight of both: 0 to 3 are of `a`, 4 to 7 of `b`. */
  lanes32: (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code => [
    ...a,
    ...b,
    ...simd(13),
    ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  ],
};

export const f32x4 = {
  splat: (value: number): Code => [...float(value), ...simd(19)],
  add: binary(...simd(228)),
  sub: binary(...simd(229)),
  mul: binary(...simd(230)),
  div: binary(...simd(231)),
  abs: (value: Code): Code => [...value, ...simd(224)],
  /** NaN where either is. */
  min: binary(...simd(232)),
  max: binary(...simd(233)),
  /** Two 64-bit numbers as the low two of 32 bits. */
  demote: (value: Code): Code => [...value, ...simd(94)],
};

export const f64x2 = {
  zero: [0x44, 0, 0, 0, 0, 0, 0, 0, 0, ...simd(20)] as Code,
  add: binary(...simd(240)),
  mul: binary(...simd(242)),
  /** The low two of 32 bits as 64-bit numbers. */
  promote: (value: Code): Code => [...value, ...simd(95)],
};

export const i32x4 = {
  splat: (value: number): Code => [...i32.const(value), ...simd(17)],
  add: binary(...simd(174)),
  sub: binary(...simd(177)),
  shiftLeft: (value: Code, bits: number): Code => [...value, ...i32.const(bits), ...simd(171)],
};

/** Runs `body` until `again` gives 0; at least once. */
export const loop = (body: Code, again: Code): Code => [0x03, 0x40, ...body, ...again, 0x0d, 0, 0x0b];

/** A loop in a block: out of it where the condition gives 0, else again. */
const [blocks, outUnless, again] = [
  [0x02, 0x40, 0x03, 0x40],
  [0x45, 0x0d, 1],
  [0x0c, 0, 0x0b, 0x0b],
];

/** Runs `body` as long as `condition` gives 1; maybe never. */
export const whileLoop = (condition: Code, body: Code): Code => [
  ...blocks,
  ...condition,
  ...outUnless,
  ...body,
  ...again,
];
