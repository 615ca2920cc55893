import type { KaldiInput, KaldiOutput, Matrix } from '@jebena/io-ark';

type Values = Record<string, any>;

/**
 * A piece of a component's form on disk: a token and the values after it. One list of these reads and writes a
 * component, in both forms.
 */
export interface Field {
  /** Reads it if it is there; complains if it is not and must be. */
  read(input: KaldiInput, into: Values): void;
  write(output: KaldiOutput, from: Values): void;
}

interface Kind {
  read(input: KaldiInput): unknown;
  write(output: KaldiOutput, value: any): void;
}

const kinds = {
  int: { read: (i) => i.readInt32(), write: (o, v) => o.writeInt32(v) },
  float: { read: (i) => i.readFloat(), write: (o, v) => o.writeFloat(v) },
  double: { read: (i) => i.readFloat(), write: (o, v) => o.writeDouble(v) },
  bool: { read: (i) => i.readBool(), write: (o, v) => o.writeBool(v) },
  vector: { read: (i) => i.readVector(), write: (o, v) => o.writeVector(v) },
  matrix: { read: (i) => i.readMatrix(), write: (o, v) => o.writeMatrix(v) },
  doubles: { read: (i) => Float64Array.from(i.readAnyVector()), write: (o, v) => o.writeVector(v) },
  doubleMatrix: { read: readDoubleMatrix, write: (o, v) => o.writeMatrix(v) },
  ints: { read: (i) => i.readInt32Vector(), write: (o, v) => o.writeInt32Vector(v) },
  pairs: { read: readPairs, write: writePairs },
} satisfies Record<string, Kind>;

export type FieldKind = keyof typeof kinds;

export interface FieldOptions {
  /** May be absent when read; what was there before stays. */
  readonly optional?: boolean;
  /** Whether it is written; implies `optional`. */
  readonly when?: (values: any) => boolean;
}

/** A token and a value of one kind (or several values, with one key each). */
export function field(
  token: string,
  kind: FieldKind,
  keys: string | readonly string[],
  options: FieldOptions = {},
): Field {
  const names = typeof keys === 'string' ? [keys] : keys;
  const { read, write } = kinds[kind] as Kind;
  const optional = options.optional ?? options.when !== undefined;
  return {
    read(input, into) {
      if (optional ? !input.acceptToken(token) : !input.expectToken(token)) return;
      for (const name of names) into[name] = read(input);
    },
    write(output, from) {
      if (options.when && !options.when(from)) return;
      output.writeToken(token);
      for (const name of names) write(output, from[name]);
    },
  };
}

/** A token that stands alone: there or not there. */
export const flag = (token: string, key: string): Field => ({
  read(input, into) {
    into[key] = input.acceptToken(token);
  },
  write(output, from) {
    if (from[key]) output.writeToken(token);
  },
});

/** A token that must stand here and holds nothing. */
export const mark = (token: string): Field => ({
  read: (input) => void input.expectToken(token),
  write: (output) => output.writeToken(token),
});

/** Something that old files hold here: read, thrown away and never written. */
export const old = (token: string, kind: FieldKind): Field => ({
  read(input) {
    if (input.acceptToken(token)) (kinds[kind] as Kind).read(input);
  },
  write() {},
});

/** Something that is always written alike, and read (if it is there) without a use for it. */
export const always = (token: string, kind: FieldKind, value: unknown): Field => ({
  read(input) {
    if (input.acceptToken(token)) (kinds[kind] as Kind).read(input);
  },
  write(output) {
    output.writeToken(token);
    (kinds[kind] as Kind).write(output, value);
  },
});

export function readFields(fields: readonly Field[], input: KaldiInput, into: object): void {
  for (const f of fields) f.read(input, into as Values);
}

export function writeFields(fields: readonly Field[], output: KaldiOutput, from: object): void {
  for (const f of fields) f.write(output, from as Values);
}

function readDoubleMatrix(input: KaldiInput): Matrix<Float64Array> {
  const { rows, cols, data } = input.readAnyMatrix();
  return { rows, cols, data: Float64Array.from(data) };
}

/** Pairs of integers (io-funcs-inl.h, WriteIntegerPairVector): flat, 2 a pair. */
function readPairs(input: KaldiInput): Int32Array {
  if (!input.binary) {
    const pairs: number[] = [];
    if (input.readToken() !== '[') input.fail('[ before pairs');
    for (let token = input.readToken(); token !== ']'; token = input.readToken()) {
      const found = /^(-?\d+),(-?\d+)$/.exec(token);
      if (!found) input.fail('a pair a,b', `'${token}'`);
      pairs.push(Number(found![1]), Number(found![2]));
    }
    return Int32Array.from(pairs);
  }
  const view = new DataView(input.bytes.buffer, input.bytes.byteOffset, input.bytes.byteLength);
  const size = view.getInt8(input.take(1, 'pairs of integers'));
  if (size !== 4) input.fail('pairs of integers (size byte 4)', `size byte ${size}`, input.offset - 1);
  const count = view.getInt32(input.take(4, 'a number of pairs'), true);
  if (count < 0) input.fail('a number of pairs', String(count), input.offset - 4);
  const start = input.take(8 * count, 'pairs');
  return Int32Array.from({ length: 2 * count }, (_, i) => view.getInt32(start + 4 * i, true));
}

function writePairs(output: KaldiOutput, pairs: Int32Array): void {
  if (!output.binary) {
    const text = Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]},${pairs[2 * i + 1]} `);
    return output.writeText(`[ ${text.join('')}]\n`);
  }
  const bytes = new Uint8Array(5 + 4 * pairs.length);
  const view = new DataView(bytes.buffer);
  view.setInt8(0, 4);
  view.setInt32(1, pairs.length / 2, true);
  pairs.forEach((v, i) => view.setInt32(5 + 4 * i, v, true));
  output.writeBytes(bytes);
}
