/** Bytes of WebAssembly; an expression leaves one value, a statement none. */
export type Code = readonly number[];

const unsigned = (value: number): number[] => {
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

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const call = (fn: number, ...args: Code[]): Code => [...args.flat(), 0x10, ...unsigned(fn)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  lessThan: binary(0x49),
  load: (address: Code, offset: number): Code => [...address, 0x28, ...at(2, offset)],
};

/** Bytes that a shuffle takes, of two vectors one after the other. */
const lowLanes = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const highLanes = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

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
};

export const f32x4 = {
  splat: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...simd(19)],
  add: binary(...simd(228)),
  sub: binary(...simd(229)),
  mul: binary(...simd(230)),
  div: binary(...simd(231)),
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

/** Runs `body` until `again` gives 0; at least once. */
export const loop = (body: Code, again: Code): Code => [0x03, 0x40, ...body, ...again, 0x0d, 0, 0x0b];

export interface WasmFunction {
  /** How many 32-bit integers it takes. */
  readonly params: number;
  /** Further locals: integers, then vectors. */
  readonly integers?: number;
  readonly vectors?: number;
  readonly body: Code;
}

const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];
const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const name = (text: string): number[] => [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];

/** `\0asm`, version 1. */
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module that exports its memory as `m` and its last function as `f`. */
export function assemble(functions: readonly WasmFunction[], memoryBytes: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ params }) => [0x60, ...list(Array.from({ length: params }, () => [0x7f])), 0]);
  const bodies = functions.map(({ integers = 0, vectors = 0, body }) => {
    const content = [
      ...list([
        [...unsigned(integers), 0x7f],
        [...unsigned(vectors), 0x7b],
      ]),
      ...body,
      0x0b,
    ];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...header,
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(5, list([[0, ...unsigned(Math.ceil(memoryBytes / 65536))]])),
    ...section(
      7,
      list([
        [...name('m'), 2, 0],
        [...name('f'), 0, ...unsigned(functions.length - 1)],
      ]),
    ),
    ...section(10, list(bodies)),
  ]);
}
