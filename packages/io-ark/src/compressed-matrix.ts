import type { AnyMatrix, Matrix } from './matrix.js';

/** A matrix as Kaldi compresses it: one or two bytes an element (matrix/compressed-matrix.h). */
export interface CompressedMatrix {
  readonly rows: number;
  readonly cols: number;
  /** `CM`: one byte and four quantiles a column; `CM2`: two bytes; `CM3`: one byte. */
  readonly compression: 'CM' | 'CM2' | 'CM3';
  /** As on disk after the token: least value and range (float32), rows and columns (int32), then the data. */
  readonly bytes: Uint8Array;
}

/** Kaldi's CompressionMethod, in its order: method 1 is `automatic`. */
export const compressionMethods = [
  'automatic',
  'speech-feature',
  'two-byte-auto',
  'two-byte-signed-integer',
  'one-byte-auto',
  'one-byte-unsigned-integer',
  'one-byte-zero-one',
] as const;
export type CompressionMethod = (typeof compressionMethods)[number];

/** Bytes of header before the data. */
export const compressedHeaderBytes = 16;

/** How many bytes of data follow the header. */
export function compressedDataBytes(compression: CompressedMatrix['compression'], rows: number, cols: number): number {
  if (compression === 'CM') return cols * (8 + rows);
  return compression === 'CM2' ? 2 * rows * cols : rows * cols;
}

const headerOf = ({ bytes }: CompressedMatrix): { min: number; range: number } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { min: view.getFloat32(0, true), range: view.getFloat32(4, true) };
};

/** Kaldi keeps 1/65535 as a float here, and rounds each product to a float. */
const fromUint16 = (min: number, step: number, value: number): number => Math.fround(min + Math.fround(step * value));

/** The matrix that a compressed one stands for, to the bit as Kaldi's CopyToMat gives it. */
export function decompress(compressed: CompressedMatrix): Matrix {
  const { rows, cols, compression, bytes } = compressed;
  const data = new Float32Array(rows * cols);
  if (data.length === 0) return { rows, cols, data };
  const { min, range } = headerOf(compressed);
  if (compression === 'CM') decompressColumns(compressed, data);
  else {
    const wide = compression === 'CM2';
    const step = Math.fround(range * (1 / (wide ? 65535 : 255)));
    let at = compressedHeaderBytes;
    if (wide) {
      for (let i = 0; i < data.length; i++, at += 2)
        data[i] = min + Math.fround((bytes[at]! | (bytes[at + 1]! << 8)) * step);
    } else for (let i = 0; i < data.length; i++, at++) data[i] = min + Math.fround(bytes[at]! * step);
  }
  return { rows, cols, data };
}

function decompressColumns(compressed: CompressedMatrix, data: Float32Array): void {
  const { rows, cols, bytes } = compressed;
  const { min, range } = headerOf(compressed);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const step = Math.fround(range * Math.fround(1.52590218966964e-5));
  // A byte means one of 256 values in its column: they are worked out once and looked up, which is several times faster
  // than working out each element where columns are long, and no slower where they are short.
  const table = new Float32Array(256);
  let at = compressedHeaderBytes + 8 * cols;
  for (let c = 0; c < cols; c++) {
    const header = compressedHeaderBytes + 8 * c;
    const p0 = fromUint16(min, step, view.getUint16(header, true));
    const p25 = fromUint16(min, step, view.getUint16(header + 2, true));
    const p75 = fromUint16(min, step, view.getUint16(header + 4, true));
    const p100 = fromUint16(min, step, view.getUint16(header + 6, true));
    const low = Math.fround(p25 - p0);
    const middle = Math.fround(p75 - p25);
    const high = Math.fround(p100 - p75);
    for (let b = 0; b <= 64; b++) table[b] = p0 + Math.fround(low * b) * (1 / 64);
    for (let b = 1; b <= 128; b++) table[64 + b] = p25 + Math.fround(middle * b) * (1 / 128);
    for (let b = 1; b <= 63; b++) table[192 + b] = p75 + Math.fround(high * b) * (1 / 63);
    for (let r = 0, i = c; r < rows; r++, i += cols) data[i] = table[bytes[at++]!]!;
  }
}

type Format = { compression: CompressedMatrix['compression']; fixed?: readonly [min: number, range: number] };
const formats: Record<Exclude<CompressionMethod, 'automatic'>, Format> = {
  'speech-feature': { compression: 'CM' },
  'two-byte-auto': { compression: 'CM2' },
  'two-byte-signed-integer': { compression: 'CM2', fixed: [-32768, 65535] },
  'one-byte-auto': { compression: 'CM3' },
  'one-byte-unsigned-integer': { compression: 'CM3', fixed: [0, 255] },
  'one-byte-zero-one': { compression: 'CM3', fixed: [0, 1] },
};

/**
 * Compresses a matrix, byte for byte as Kaldi does.
 *
 * @throws RangeError when a value is not finite
 */
export function compress(m: AnyMatrix, method: CompressionMethod = 'automatic'): CompressedMatrix {
  const { rows, cols } = m;
  // Kaldi writes an empty matrix four bytes longer than it reads it; this is the form that it reads.
  if (rows === 0 || cols === 0)
    return { rows: 0, cols: 0, compression: 'CM', bytes: new Uint8Array(compressedHeaderBytes) };
  const { compression, fixed } =
    formats[method === 'automatic' ? (rows > 8 ? 'speech-feature' : 'two-byte-auto') : method];
  const data = m.data instanceof Float32Array ? m.data : Float32Array.from(m.data);
  const [min, range] = fixed ?? extent(data);
  const bytes = new Uint8Array(compressedHeaderBytes + compressedDataBytes(compression, rows, cols));
  const view = new DataView(bytes.buffer);
  view.setFloat32(0, min, true);
  view.setFloat32(4, range, true);
  view.setInt32(8, rows, true);
  view.setInt32(12, cols, true);
  let at = compressedHeaderBytes;
  if (compression === 'CM') compressColumns(data, rows, cols, min, range, bytes, view);
  else if (compression === 'CM2')
    for (let i = 0; i < data.length; i++, at += 2) view.setUint16(at, quantise(data[i]!, min, range, 65535), true);
  else for (let i = 0; i < data.length; i++) bytes[at++] = quantise(data[i]!, min, range, 255);
  return { rows, cols, compression, bytes };
}

function extent(data: Float32Array): readonly [min: number, range: number] {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const v = data[i]!;
    if (!Number.isFinite(v)) throw new RangeError(`compress: expected finite values, found ${v} at element ${i}`);
    if (v < min) min = v;
    if (v > max) max = v;
  }
  if (min === max) max = Math.fround(min + (1 + Math.abs(min)));
  return [min, Math.fround(max - min)];
}

function quantise(value: number, min: number, range: number, levels: number): number {
  const f = Math.fround(Math.fround(value - min) / range);
  // 0.499 rounds to the nearest level; written so that a value which is no number becomes 0.
  return f > 1 ? levels : f > 0 ? Math.trunc(Math.fround(f * levels) + 0.499) : 0;
}

function compressColumns(
  data: Float32Array,
  rows: number,
  cols: number,
  min: number,
  range: number,
  bytes: Uint8Array,
  view: DataView,
): void {
  const column = new Float32Array(rows);
  const step = Math.fround(range * Math.fround(1.52590218966964e-5));
  let at = compressedHeaderBytes + 8 * cols;
  for (let c = 0; c < cols; c++) {
    for (let r = 0, i = c; r < rows; r++, i += cols) column[r] = data[i]!;
    const quantiles = columnQuantiles(column.slice().sort(), min, range);
    quantiles.forEach((q, i) => view.setUint16(compressedHeaderBytes + 8 * c + 2 * i, q, true));
    const [p0, p25, p75, p100] = quantiles.map((q) => fromUint16(min, step, q)) as [number, number, number, number];
    for (let r = 0; r < rows; r++) bytes[at++] = toByte(p0, p25, p75, p100, column[r]!);
  }
}

/** Four levels of 0..65535, each above the one before it. */
function columnQuantiles(sorted: Float32Array, min: number, range: number): number[] {
  const rows = sorted.length;
  const quarter = Math.floor(rows / 4);
  const places = rows >= 5 ? [0, quarter, 3 * quarter, rows - 1] : [0, 1, 2, 3];
  const quantiles: number[] = [];
  places.forEach((place, i) => {
    const least = i === 0 ? 0 : quantiles[i - 1]! + 1;
    const level = place < rows ? Math.max(quantise(sorted[place]!, min, range, 65535), least) : least;
    quantiles.push(i === 3 ? level : Math.min(level, 65532 + i));
  });
  return quantiles;
}

function toByte(p0: number, p25: number, p75: number, p100: number, value: number): number {
  const part = (low: number, high: number, levels: number): number =>
    Math.trunc(Math.fround(Math.fround(Math.fround(value - low) / Math.fround(high - low)) * levels) + 0.5);
  const clamp = (byte: number, low: number, high: number): number => Math.min(Math.max(byte, low), high);
  if (value < p25) return clamp(part(p0, p25, 64), 0, 64);
  if (value < p75) return clamp(64 + part(p25, p75, 128), 64, 192);
  return clamp(192 + part(p75, p100, 63), 192, 255);
}
