import type { Holder } from '../holder.js';
import type { Matrix } from '../matrix.js';

/** Features as HTK keeps them. */
export interface HtkFeatures {
  readonly feats: Matrix;
  /** Time between frames in units of 100 ns. */
  readonly samplePeriod: number;
  /** HTK's parameter kind, such as 6 for MFCC, with its qualifier bits. */
  readonly parameterKind: number;
}

/** Qualifier bits of the parameter kind: _C, _K and _V. */
const [compressed, checksum, quantised] = [0o2000, 0o10000, 0o40000] as const;

/** HTK feature files: a big-endian header of 12 bytes, then big-endian floats; compressed ones (_C) are refused. */
export const htkHolder: Holder<HtkFeatures> = {
  what: 'HTK features',
  unmarked: true,
  read: (input) => {
    const start = input.take(12, 'an HTK header');
    const header = new DataView(input.bytes.buffer, input.bytes.byteOffset + start);
    const rows = header.getInt32(0);
    const samplePeriod = header.getInt32(4);
    const size = header.getUint16(8);
    const parameterKind = header.getUint16(10);
    if (rows <= 0 || size === 0 || size % 4 !== 0)
      input.fail('an HTK header of whole float frames', `${rows} frames of ${size} bytes`, start);
    if (parameterKind & (compressed | quantised))
      input.fail('HTK features of plain floats', 'compressed or quantised ones', start + 10);
    const cols = size / 4;
    const at = input.take(rows * size, `${rows} frames`);
    if (parameterKind & checksum) input.take(2, 'a checksum');
    const view = new DataView(input.bytes.buffer, input.bytes.byteOffset + at);
    const data = new Float32Array(rows * cols);
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(4 * i);
    return { feats: { rows, cols, data }, samplePeriod, parameterKind: parameterKind & ~checksum };
  },
  write: (output, { feats, samplePeriod, parameterKind }) => {
    const bytes = new Uint8Array(12 + 4 * feats.data.length);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, feats.rows);
    view.setInt32(4, samplePeriod);
    view.setUint16(8, 4 * feats.cols);
    view.setUint16(10, parameterKind);
    feats.data.forEach((v, i) => view.setFloat32(12 + 4 * i, v));
    output.writeBytes(bytes);
  },
};

/** Sphinx feature files: a big-endian count of values, then frames of `dim` big-endian floats. */
export const sphinxHolder = (dim: number = 13): Holder<Matrix> => ({
  what: 'Sphinx features',
  unmarked: true,
  read: (input) => {
    const start = input.take(4, 'a Sphinx header');
    const count = new DataView(input.bytes.buffer, input.bytes.byteOffset + start).getInt32(0);
    if (count < 0 || count % dim !== 0) input.fail(`a count of values, a multiple of ${dim}`, String(count), start);
    const at = input.take(4 * count, `${count} values`);
    const view = new DataView(input.bytes.buffer, input.bytes.byteOffset + at);
    const data = Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i));
    return { rows: count / dim, cols: dim, data };
  },
  write: (output, { data }) => {
    const bytes = new Uint8Array(4 + 4 * data.length);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, data.length);
    data.forEach((v, i) => view.setFloat32(4 + 4 * i, v));
    output.writeBytes(bytes);
  },
});
