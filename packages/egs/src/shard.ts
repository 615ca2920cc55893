import { readSupervision } from '@jebena/chain';
import { KaldiInput } from '@jebena/io-ark';
import { Unpackr } from 'msgpackr';
import type { Example, ExampleInput, ExampleOutput } from './example.js';
import type { ChunkTargets } from './minibatch.js';
import { align, shardMagic, type ShardHeader } from './shard-layout.js';

/** A file that is no shard, or a torn one. */
export class ShardError extends Error {
  readonly code = 'ERR_SHARD';
  override readonly name = 'ShardError';
}

const unpackr = new Unpackr({ useRecords: false, moreTypes: true });

const refuse = (path: string, expected: string, found: string): never => {
  throw new ShardError(`${path}: expected ${expected}, found ${found}`);
};

/** Bytes of header, from the first 12 of a shard. */
export function headerLength(start: Uint8Array, path: string): number {
  if (new TextDecoder('latin1').decode(start.subarray(0, 8)) !== shardMagic)
    refuse(path, 'a shard of examples', start.length < 8 ? `${start.length} bytes` : 'another kind of file');
  if (start.length < 12) refuse(path, 'a header', `${start.length} bytes`);
  return new DataView(start.buffer, start.byteOffset).getUint32(8, true);
}

/** Whether every example has a structure that exists, and starts where none before it does. */
function isIndex({ keys, offset, structure, structures }: ShardHeader): boolean {
  if (offset.length !== keys.length + 1 || structure.length !== keys.length) return false;
  if (!structures.every(({ inputs, outputs }) => Array.isArray(inputs) && Array.isArray(outputs))) return false;
  return structure.every((number, i) => {
    const length = offset[i + 1]! - offset[i]!;
    return number < structures.length && offset[i]! >= 0 && length >= 0 && length % 8 === 0;
  });
}

export function readHeader(bytes: Uint8Array, length: number, path: string): ShardHeader {
  if (bytes.length < length) refuse(path, `a header of ${length} bytes`, `${bytes.length} bytes`);
  try {
    const header = unpackr.unpack(bytes.subarray(0, length)) as ShardHeader;
    if (isIndex(header)) return header;
  } catch {
    // Told below as any other header that is none.
  }
  return refuse(path, 'a header with an index', 'something else');
}

/**
 * A shard in memory, open to random access. Examples are views of its bytes; features stay compressed until they are
 * merged.
 */
export class Shard {
  /** How many examples it holds. */
  readonly length: number;
  private readonly header: ShardHeader;
  private readonly start: number;
  private readonly bytes: Uint8Array;

  /**
   * @param path what to call it in errors
   * @throws ShardError where it is none, or torn, with what was expected and what was found
   */
  constructor(
    bytes: Uint8Array,
    private readonly path: string = 'shard',
  ) {
    // Views need their alignment: bytes that start elsewhere are moved once.
    this.bytes = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    const length = headerLength(this.bytes.subarray(0, 12), path);
    this.header = readHeader(this.bytes.subarray(12), length, path);
    this.start = align(12 + length);
    this.length = this.header.keys.length;
    const end = this.start + this.header.offset[this.length]!;
    if (end !== bytes.length) refuse(path, `${end} bytes`, `a file of ${bytes.length} bytes`);
  }

  /** The name of an example, without reading it. */
  key(index: number): string {
    return this.header.keys[index]!;
  }

  /**
   * An example: views of the shard's bytes.
   *
   * @throws ShardError where its header promises more than its record holds
   */
  example(index: number): Example {
    const { bytes, start } = this;
    const [from, to] = [this.header.offset[index]!, this.header.offset[index + 1]!];
    return readExample(this.header, index, bytes.subarray(start + from, start + to), this.path);
  }
}

/**
 * An example of a shard from the bytes of its record alone: views of them.
 *
 * @param bytes begin at a multiple of 8 in their memory
 * @param path what to call the shard in errors
 */
export function readExample(
  { keys, structure, structures }: ShardHeader,
  index: number,
  bytes: Uint8Array,
  path: string,
): Example {
  const { buffer } = bytes;
  let at = bytes.byteOffset;
  let left = bytes.length;
  const take = (size: number): number => {
    const begin = at;
    if (!(size >= 0 && size <= left)) return refuse(path, `${size} bytes more of example '${keys[index]}'`, `${left}`);
    at += align(size);
    left -= align(size);
    return begin;
  };
  const floats = (count: number): Float32Array => new Float32Array(buffer, take(4 * count), count);
  const ints = (count: number): Int32Array => new Int32Array(buffer, take(4 * count), count);
  const shape = structures[structure[index]!]!;
  const inputs = shape.inputs.map(({ name, first, count, stride, cols, form }): ExampleInput => {
    const range = { name, first, count, stride, start: 0 };
    if (form === 'float') return { ...range, source: { rows: count, cols, data: floats(count * cols) } };
    const size = 16 + (form === 'CM' ? cols * (8 + count) : form === 'CM2' ? 2 * count * cols : count * cols);
    const bytes = new Uint8Array(buffer, take(size), size);
    return { ...range, source: { rows: count, cols, compression: form, bytes } };
  });
  const outputs = shape.outputs.map(({ name, first, count, stride, kind, dim, weighted }): ExampleOutput => {
    const targets = ((): ChunkTargets => {
      if (kind === 'labels') return { kind, dim, labels: ints(count) };
      if (kind === 'dense') return { kind, dim, values: { rows: count, cols: dim, data: floats(count * dim) } };
      if (kind === 'chain') {
        const [length] = ints(1);
        const supervision = new Uint8Array(buffer, take(length!), length);
        return { kind, dim, supervision: readSupervision(new KaldiInput(supervision, { path })) };
      }
      const rowStart = ints(count + 1);
      return { kind, dim, rowStart, labels: ints(rowStart[count]!), weights: floats(rowStart[count]!) };
    })();
    return { name, first, count, stride, targets, weights: weighted ? floats(count) : undefined };
  });
  return { key: keys[index]!, inputs, outputs };
}
