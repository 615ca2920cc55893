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
    if (parameterKind & 0o2000) input.fail('uncompressed HTK features', 'compressed ones', start + 10);
    const cols = size / 4;
    const at = input.take(rows * size, `${rows} frames`);
    // A checksum of two bytes may follow in files of kind _K; a file or script entry ends there.
    const view = new DataView(input.bytes.buffer, input.bytes.byteOffset + at);
    const data = new Float32Array(rows * cols);
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(4 * i);
    return { feats: { rows, cols, data }, samplePeriod, parameterKind };
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
