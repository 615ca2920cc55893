import { type CompressedMatrix, decompress } from './compressed-matrix.js';
import { formatFloat } from './format-float.js';
import type { AnyMatrix, AnyVector } from './matrix.js';

const encoder = new TextEncoder();

/**
 * Writes what {@link KaldiInput} reads, byte for byte as Kaldi does, in binary or text form.
 *
 * @example
 * ```ts
 * const output = new KaldiOutput({ binary: true });
 * output.writeToken('<Dim>');
 * output.writeInt32(40);
 * const bytes = output.bytes();
 * ```
 */
export class KaldiOutput {
  readonly binary: boolean;
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  private length = 0;

  /** @param mark whether to start with `\0B` when binary, as a file or archive value does */
  constructor({ binary, mark = true }: { binary: boolean; mark?: boolean }) {
    this.binary = binary;
    if (binary && mark) this.writeBytes(Uint8Array.of(0, 0x42));
  }

  /** How many bytes were written since the start or the last {@link clear}. */
  get size(): number {
    return this.length;
  }

  /** What was written so far, as a view that the next write may change. */
  pending(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** Forgets what was written, and keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  /** What was written so far, as a copy. */
  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private reserve(count: number): number {
    const start = this.length;
    if (start + count > this.buffer.length) {
      const grown = new Uint8Array(Math.max(2 * this.buffer.length, start + count));
      grown.set(this.buffer.subarray(0, start));
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    this.length += count;
    return start;
  }

  writeBytes(bytes: Uint8Array): void {
    const start = this.reserve(bytes.length);
    this.buffer.set(bytes, start);
  }

  writeText(text: string): void {
    // A character takes three bytes of UTF-8 at most (a pair of surrogates four).
    const at = this.reserve(3 * text.length);
    this.length = at + encoder.encodeInto(text, this.buffer.subarray(at)).written;
  }

  writeToken(token: string): void {
    this.writeText(`${token} `);
  }

  writeNewline(): void {
    this.writeText('\n');
  }

  writeInt32(value: number): void {
    if (!this.binary) return this.writeText(`${value} `);
    const at = this.reserve(5);
    this.view.setInt8(at, 4);
    this.view.setInt32(at + 1, value, true);
  }

  writeInt64(value: bigint): void {
    if (!this.binary) return this.writeText(`${value} `);
    const at = this.reserve(9);
    this.view.setInt8(at, 8);
    this.view.setBigInt64(at + 1, value, true);
  }

  writeFloat(value: number): void {
    if (!this.binary) return this.writeText(`${formatFloat(value)} `);
    const at = this.reserve(5);
    this.view.setInt8(at, 4);
    this.view.setFloat32(at + 1, value, true);
  }

  writeDouble(value: number): void {
    if (!this.binary) return this.writeText(`${formatFloat(value)} `);
    const at = this.reserve(9);
    this.view.setInt8(at, 8);
    this.view.setFloat64(at + 1, value, true);
  }

  writeBool(value: boolean): void {
    this.writeText(this.binary ? (value ? 'T' : 'F') : value ? 'T ' : 'F ');
  }

  writeInt32Vector(values: ArrayLike<number>): void {
    if (!this.binary) return this.writeText(`[ ${Array.from(values, (v) => `${v} `).join('')}]\n`);
    const at = this.reserve(5 + 4 * values.length);
    this.view.setInt8(at, 4);
    this.view.setInt32(at + 1, values.length, true);
    for (let i = 0; i < values.length; i++) this.view.setInt32(at + 5 + 4 * i, values[i]!, true);
  }

  writeVector(values: AnyVector): void {
    if (!this.binary) return this.writeText(` [ ${Array.from(values, (v) => `${formatFloat(v)} `).join('')}]\n`);
    this.writeToken(values instanceof Float32Array ? 'FV' : 'DV');
    this.writeInt32(values.length);
    this.floats(values);
  }

  writeMatrix({ rows, cols, data }: AnyMatrix): void {
    if (this.binary) {
      this.writeToken(data instanceof Float32Array ? 'FM' : 'DM');
      this.writeInt32(rows);
      this.writeInt32(cols);
      return this.floats(data);
    }
    if (cols === 0) return this.writeText(' [ ]\n');
    this.writeText(' [');
    for (let r = 0; r < rows; r++) {
      let line = '\n  ';
      for (let i = r * cols; i < (r + 1) * cols; i++) line += `${formatFloat(data[i]!)} `;
      this.writeText(line);
    }
    this.writeText(']\n');
  }

  /** Writes a compressed matrix as it is; text holds its values. */
  writeCompressedMatrix(m: CompressedMatrix): void {
    if (!this.binary) return this.writeMatrix(decompress(m));
    this.writeToken(m.compression);
    this.writeBytes(m.bytes);
  }

  private floats(values: AnyVector): void {
    this.writeBytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
}
