import { Packr } from 'msgpackr';

const magic = 'JEBENA1\n';
const align = (offset: number): number => (offset + 7) & ~7;

/** A file that is not a frame, or is torn. */
export class FrameError extends Error {
  readonly code = 'ERR_FRAME';
  override readonly name = 'FrameError';
}

/** A header of plain values and named arrays of floats, as one file holds them. */
export interface Frame<H> {
  readonly header: H;
  readonly arrays: Record<string, Float32Array>;
}

const packr = new Packr({ useRecords: false, moreTypes: true });

/**
 * Packs a header (msgpack) and raw little-endian arrays, each aligned to 8 bytes so that it is viewed in place:
 * 8 bytes of magic, the header's length (uint32), the header with the arrays' names, lengths and offsets, payloads.
 */
export function encodeFrame<H>({ header, arrays }: Frame<H>): Uint8Array {
  let offset = 0;
  const index = Object.entries(arrays).map(([name, { length }]) => {
    const entry = { name, length, offset };
    offset = align(offset + 4 * length);
    return entry;
  });
  const head = packr.pack({ header, index });
  const start = align(12 + head.length);
  const bytes = new Uint8Array(start + offset);
  bytes.set(new TextEncoder().encode(magic));
  new DataView(bytes.buffer).setUint32(8, head.length, true);
  bytes.set(head, 12);
  for (const { name, offset: at } of index) {
    const { buffer, byteOffset, byteLength } = arrays[name]!;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), start + at);
  }
  return bytes;
}

/**
 * Reads what {@link encodeFrame} wrote; the arrays are views of the bytes where alignment allows.
 *
 * @throws FrameError naming `path` when it is another kind of file, or torn
 */
export function decodeFrame<H>(bytes: Uint8Array, path: string = 'input'): Frame<H> {
  const fail = (expected: string, found: string): never => {
    throw new FrameError(`${path}: expected ${expected}, found ${found}`);
  };
  if (new TextDecoder().decode(bytes.subarray(0, 8)) !== magic) fail('a Jebena frame', 'another kind of file');
  const headLength = bytes.length < 12 ? Infinity : new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  if (12 + headLength > bytes.length) fail(`a header of ${headLength} bytes`, `a file of ${bytes.length} bytes`);
  const head = packr.unpack(bytes.subarray(12, 12 + headLength)) as {
    header: H;
    index: { name: string; length: number; offset: number }[];
  };
  const start = align(12 + headLength);
  const arrays: Record<string, Float32Array> = {};
  for (const { name, length, offset } of head.index) {
    const at = start + offset;
    if (at + 4 * length > bytes.length)
      fail(`array '${name}' up to byte ${at + 4 * length}`, `a file of ${bytes.length} bytes`);
    const absolute = bytes.byteOffset + at;
    arrays[name] =
      absolute % 4 === 0
        ? new Float32Array(bytes.buffer, absolute, length)
        : // Not bytes.slice: that of a Node Buffer is a view.
          new Float32Array(Uint8Array.prototype.slice.call(bytes, at, at + 4 * length).buffer);
  }
  return { header: head.header, arrays };
}
