import { KaldiIoError, type Place } from './errors.js';
import { KaldiInput } from './kaldi-input.js';
import { KaldiOutput } from './kaldi-output.js';
import type { AnyMatrix, AnyVector } from './matrix.js';

type NumpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** An array of numpy's, in C order. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly data: NumpyData;
}

interface Type {
  readonly array: new (buffer: ArrayBuffer) => NumpyData;
  readonly bytes: number;
}

const types: Record<string, Type> = {
  f4: { array: Float32Array, bytes: 4 },
  f8: { array: Float64Array, bytes: 8 },
  i1: { array: Int8Array, bytes: 1 },
  u1: { array: Uint8Array, bytes: 1 },
  b1: { array: Uint8Array, bytes: 1 },
  i2: { array: Int16Array, bytes: 2 },
  u2: { array: Uint16Array, bytes: 2 },
  i4: { array: Int32Array, bytes: 4 },
  u4: { array: Uint32Array, bytes: 4 },
  i8: { array: BigInt64Array, bytes: 8 },
  u8: { array: BigUint64Array, bytes: 8 },
};

/**
 * Reads a .npy file (format 1.0 to 3.0): floats of 16 (given as 32), 32 and 64 bits, integers and booleans, of either
 * byte order, in C or Fortran order.
 *
 * @throws KaldiIoError where it is torn or of another type
 */
export function readNpy(bytes: Uint8Array, place: Place = {}): NumpyArray {
  const input = new KaldiInput(bytes, place, true);
  const header = readHeader(input);
  const [, order, code] = /'descr':\s*'([<>|=])([a-z]\d+)'/.exec(header) ?? [];
  const fortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dims = /'shape':\s*\(([\d, ]*)\)/.exec(header)?.[1];
  const type = code === 'f2' ? { array: Uint16Array, bytes: 2 } : types[code ?? ''];
  if (!type || !fortran || dims === undefined)
    return input.fail('an array of plain numbers', JSON.stringify(header), 10);
  const shape = dims
    .split(',')
    .filter((d) => d.trim() !== '')
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const start = input.take(count * type.bytes, `${count} elements`);
  const raw = Uint8Array.prototype.slice.call(bytes, start, start + count * type.bytes);
  if (order === '>') for (let at = 0; at < raw.length; at += type.bytes) raw.subarray(at, at + type.bytes).reverse();
  const data: NumpyData = new type.array(raw.buffer);
  const values = code === 'f2' ? Float32Array.from(data as Uint16Array, halfToFloat) : data;
  return { shape, data: fortran === 'True' && shape.length > 1 ? toRowMajor(values, shape) : values };
}

function readHeader(input: KaldiInput): string {
  const start = input.take(8, 'a numpy header');
  const magic = String.fromCharCode(...input.bytes.subarray(start, start + 6));
  const version = input.bytes[start + 6]!;
  if (magic !== '\x93NUMPY' || version < 1 || version > 3) input.fail('a .npy file', JSON.stringify(magic), start);
  const at = input.take(version === 1 ? 2 : 4, 'a header length');
  const view = new DataView(input.bytes.buffer, input.bytes.byteOffset + at);
  const length = version === 1 ? view.getUint16(0, true) : view.getUint32(0, true);
  const text = input.take(length, 'a numpy header');
  return new TextDecoder().decode(input.bytes.subarray(text, text + length));
}

function toRowMajor(values: NumpyData, shape: readonly number[]): NumpyData {
  const result = values.slice();
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) {
    result[i] = values[index.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Writes a .npy file (format 1.0), as numpy.save does. */
export function writeNpy({ shape, data }: NumpyArray): Uint8Array {
  const count = shape.reduce((a, b) => a * b, 1);
  if (count !== data.length) throw new RangeError(`writeNpy: expected ${count} elements, found ${data.length}`);
  const [code, { bytes }] = Object.entries(types).find(([name, { array }]) => data instanceof array && name !== 'b1')!;
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${bytes === 1 ? '|' : '<'}${code}', 'fortran_order': False, 'shape': (${dims}), }`;
  // The data begins at a multiple of 64 bytes.
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n';
  const output = new KaldiOutput({ binary: true, mark: false });
  output.writeBytes(Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8));
  output.writeText(padded);
  output.writeBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return output.bytes();
}

/** A matrix as an array of two axes. */
export const matrixToNumpy = ({ rows, cols, data }: AnyMatrix): NumpyArray => ({ shape: [rows, cols], data });

/**
 * An array of two axes as a matrix: doubles stay doubles, all else becomes float.
 *
 * @throws KaldiIoError for another number of axes
 */
export function numpyToMatrix({ shape, data }: NumpyArray, place: Place = {}): AnyMatrix {
  const [rows, cols] = shape;
  if (shape.length !== 2) throw new KaldiIoError('an array of two axes', `one of ${shape.length}`, place);
  return { rows, cols, data: floats(data) } as AnyMatrix;
}

/** An array of one axis as a vector: doubles stay doubles, all else becomes float. */
export function numpyToVector({ shape, data }: NumpyArray, place: Place = {}): AnyVector {
  if (shape.length !== 1) throw new KaldiIoError('an array of one axis', `one of ${shape.length}`, place);
  return floats(data);
}

function floats(data: NumpyData): AnyVector {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}
