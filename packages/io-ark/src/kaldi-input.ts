import { type CompressedMatrix, compressedDataBytes, compressedHeaderBytes, decompress } from './compressed-matrix.js';
import { KaldiIoError, type Place } from './errors.js';
import { NeedMore } from './need-more.js';
import { parseNumber } from './parse-number.js';
import type { ReusedMemory } from './reused-memory.js';
import type { AnyMatrix, AnyVector, Matrix } from './matrix.js';

const space = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);
const decoder = new TextDecoder();
/** A bracket or a semicolon may follow a number directly. */
const endsNumber = (byte: number): boolean => space(byte) || byte === 0x5d || byte === 0x3b;
const powersOfTen = Array.from({ length: 16 }, (_, i) => 10 ** i);

/**
 * Reads Kaldi's basic types, tokens, vectors and matrices from bytes, in binary or text form: the reader that
 * models, trees and examples are built on (base/io-funcs.h, matrix/kaldi-matrix.cc).
 *
 * Every error says the file, the byte offset, what was expected and what was found. Sizes are checked against the
 * bytes that are left before anything is allocated.
 *
 * @example
 * ```ts
 * const input = new KaldiInput(bytes, { path: 'final.mdl' }); // sees by itself whether it is binary
 * input.expectToken('<Nnet3>');
 * const count = input.readInt32();
 * ```
 */
export class KaldiInput {
  /** Whether what follows is binary; {@link openValue} looks again. */
  binary: boolean;
  offset: number;
  private readonly view: DataView;

  /**
   * @param bytes the whole file or archive value
   * @param place what to call it in errors; `offset` is added to the offsets reported
   * @param binary whether it is binary; when left out, the `\0B` mark decides and is skipped
   * @param more whether bytes may follow those given: their end then throws {@link NeedMore}
   * @param memory where floats and doubles may lie instead of arrays of their own; they may be views of the bytes too
   */
  constructor(
    readonly bytes: Uint8Array,
    public place: Place = {},
    binary?: boolean,
    private readonly more: boolean = false,
    private readonly memory?: ReusedMemory | undefined,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (more && binary === undefined && bytes.length < 2) throw new NeedMore(2);
    const marked = bytes[0] === 0 && bytes[1] === 0x42;
    this.binary = binary ?? marked;
    this.offset = binary === undefined && marked ? 2 : 0;
  }

  get atEnd(): boolean {
    if (this.offset < this.bytes.length) return false;
    if (this.more) throw new NeedMore(this.offset + 1);
    return true;
  }

  /** All bytes that are left. */
  rest(): Uint8Array {
    if (this.more) throw new NeedMore(Infinity);
    const start = this.offset;
    this.offset = this.bytes.length;
    return this.bytes.subarray(start);
  }

  /** Begins a value within an archive: reads its `\0B` mark, if it has one, and names its key in errors. */
  openValue(key?: string): void {
    if (key !== undefined) this.place = { ...this.place, key };
    if (this.more && this.offset + 2 > this.bytes.length) throw new NeedMore(this.offset + 2);
    this.binary = this.bytes[this.offset] === 0 && this.bytes[this.offset + 1] === 0x42;
    if (this.binary) this.offset += 2;
  }

  /** Throws an error at the present place (or at `offset`). */
  fail(expected: string, found: string = this.nearby(), offset: number = this.offset): never {
    throw new KaldiIoError(expected, found, { ...this.place, offset: (this.place.offset ?? 0) + offset });
  }

  /** What stands at the present offset, for an error message. */
  nearby(): string {
    if (this.offset >= this.bytes.length) return 'the end of the file';
    const bytes = this.bytes.subarray(this.offset, this.offset + 24);
    const printable = bytes.every((b) => (b >= 32 && b < 127) || space(b));
    return printable
      ? JSON.stringify(decoder.decode(bytes))
      : `bytes ${Array.from(bytes.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join(' ')}`;
  }

  /** Claims `count` bytes and returns where they start. */
  take(count: number, what: string): number {
    this.need(count, what);
    const start = this.offset;
    this.offset += count;
    return start;
  }

  /** Checks that `count` bytes are left, before anything of that size is allocated. */
  need(count: number, what: string): void {
    const left = this.bytes.length - this.offset;
    if (count > left && this.more) throw new NeedMore(this.offset + count);
    if (!(count <= left)) this.fail(`${count} bytes of ${what}`, `${left} bytes before the end of the file`);
  }

  skipSpace(): void {
    while (space(this.bytes[this.offset])) this.offset++;
    if (this.more && this.offset >= this.bytes.length) throw new NeedMore(this.offset + 1);
  }

  /** Reads one token and the single white space after it. */
  readToken(): string {
    this.skipSpace();
    const start = this.offset;
    while (!this.atEnd && !space(this.bytes[this.offset])) this.offset++;
    if (start === this.offset) this.fail('a token');
    const token = decoder.decode(this.bytes.subarray(start, this.offset));
    if (!this.atEnd) this.offset++;
    return token;
  }

  /** The token that comes next, without reading it; '' at the end. */
  peekToken(): string {
    const start = this.offset;
    this.skipSpace();
    const token = this.atEnd ? '' : this.readToken();
    this.offset = start;
    return token;
  }

  expectToken(...accepted: string[]): string {
    this.skipSpace();
    const start = this.offset;
    const token = this.atEnd ? '' : this.readToken();
    if (!accepted.includes(token)) {
      this.offset = start;
      this.fail(accepted.join(' or '));
    }
    return token;
  }

  /** Reads `token` if it comes next and says whether it did. */
  acceptToken(token: string): boolean {
    if (this.peekToken() !== token) return false;
    this.readToken();
    return true;
  }

  /** Reads a line of text up to its newline, without it (and without a carriage return). */
  readLine(): string {
    if (this.atEnd) this.fail('a line of text');
    const end = this.bytes.indexOf(10, this.offset);
    if (end < 0 && this.more) throw new NeedMore(this.bytes.length + 1);
    const line = decoder.decode(this.bytes.subarray(this.offset, end < 0 ? undefined : end));
    this.offset = end < 0 ? this.bytes.length : end + 1;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  private textNumber(what: string): number {
    this.skipSpace();
    const start = this.offset;
    const { bytes } = this;
    // Up to fifteen digits and a point are an integer over a power of ten, both exact, so that one division rounds
    // right; whatever else a number may hold (exponents, inf, nan) is left to the slower way.
    let at = start;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    let digits = 0;
    let count = 0;
    let decimals = -1;
    for (; ; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x30 && byte <= 0x39) {
        digits = 10 * digits + byte - 0x30;
        count++;
        if (decimals >= 0) decimals++;
      } else if (byte === 0x2e && decimals < 0) decimals = 0;
      else break;
    }
    if (at < bytes.length && endsNumber(bytes[at]!) && count > 0 && count <= 15) {
      this.offset = at;
      const size = decimals > 0 ? digits / powersOfTen[decimals]! : digits;
      return negative ? -size : size;
    }
    return this.oddNumber(what);
  }

  private oddNumber(what: string): number {
    const start = this.offset;
    while (!this.atEnd && !endsNumber(this.bytes[this.offset]!)) this.offset++;
    const value = parseNumber(decoder.decode(this.bytes.subarray(start, this.offset)));
    if (value === undefined) {
      this.offset = start;
      this.fail(what);
    }
    return value!;
  }

  private sized(size: number, what: string): number {
    const found = this.view.getInt8(this.take(1, what));
    if (Math.abs(found) !== size) this.fail(`${what} (size byte ${size})`, `size byte ${found}`, this.offset - 1);
    return this.take(size, what);
  }

  readInt32(what: string = 'a 32-bit integer'): number {
    if (this.binary) return this.view.getInt32(this.sized(4, what), true);
    const start = this.offset;
    const value = this.textNumber(what);
    if (!Number.isInteger(value) || Math.abs(value) > 2147483648) this.fail(what, String(value), start);
    return value;
  }

  /** Reads an integer that counts something: not negative, and not more than `limit`. */
  readCount(what: string, limit: number = this.bytes.length): number {
    const start = this.offset;
    const value = this.readInt32(what);
    if (value < 0 || value > limit) this.fail(`${what} from 0 to ${limit}`, String(value), start);
    return value;
  }

  readInt64(what: string = 'a 64-bit integer'): bigint {
    if (this.binary) return this.view.getBigInt64(this.sized(8, what), true);
    this.skipSpace();
    const start = this.offset;
    const text = this.readToken();
    if (!/^[-+]?\d{1,19}$/.test(text)) this.fail(what, JSON.stringify(text), start);
    return BigInt(text.replace('+', ''));
  }

  /** Reads a float or a double, whichever was written. */
  readFloat(what: string = 'a number'): number {
    if (!this.binary) return this.textNumber(what);
    const size = this.view.getInt8(this.take(1, what));
    if (size === 4) return this.view.getFloat32(this.take(4, what), true);
    if (size === 8) return this.view.getFloat64(this.take(8, what), true);
    return this.fail(`${what} (size byte 4 or 8)`, `size byte ${size}`, this.offset - 1);
  }

  readBool(): boolean {
    if (!this.binary) this.skipSpace();
    const start = this.take(1, 'a boolean');
    const letter = String.fromCharCode(this.bytes[start]!);
    if (letter !== 'T' && letter !== 'F') this.fail('T or F', this.nearbyAt(start), start);
    return letter === 'T';
  }

  private nearbyAt(offset: number): string {
    const here = this.offset;
    this.offset = offset;
    const text = this.nearby();
    this.offset = here;
    return text;
  }

  /** Reads a vector of 32-bit integers: `[ 1 2 ]` in text, size, count and raw values in binary. */
  readInt32Vector(): Int32Array {
    if (!this.binary) return Int32Array.from(this.textVector('an integer or ]'));
    const size = this.view.getInt8(this.take(1, 'an integer vector'));
    if (size !== 4) this.fail('an integer vector (size byte 4)', `size byte ${size}`, this.offset - 1);
    const count = this.view.getInt32(this.take(4, 'a vector length'), true);
    if (count < 0) this.fail('a vector length', String(count), this.offset - 4);
    const start = this.take(4 * count, 'integers');
    const values = new Int32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.view.getInt32(start + 4 * i, true);
    return values;
  }

  private textVector(what: string = 'a number or ]'): number[] {
    this.openBracket();
    const values: number[] = [];
    while (!this.closeBracket()) values.push(this.textNumber(what));
    return values;
  }

  private openBracket(): void {
    this.skipSpace();
    if (this.bytes[this.offset] !== 0x5b) this.fail('[');
    this.offset++;
  }

  private closeBracket(): boolean {
    this.skipSpace();
    if (this.bytes[this.offset] !== 0x5d) return false;
    this.offset++;
    return true;
  }

  /** Reads a vector in the precision in which it was written (text: float). */
  readAnyVector(): AnyVector {
    if (!this.binary) return Float32Array.from(this.textVector());
    const type = this.expectToken('FV', 'DV');
    return this.floats(this.readCount('a vector length'), type === 'DV');
  }

  readVector(): Float32Array {
    const v = this.readAnyVector();
    return v instanceof Float32Array ? v : Float32Array.from(v);
  }

  readDoubleVector(): Float64Array {
    if (!this.binary) return Float64Array.from(this.textVector());
    const v = this.readAnyVector();
    return v instanceof Float64Array ? v : Float64Array.from(v);
  }

  /** Reads a full matrix in the precision in which it was written (text: float). */
  readAnyMatrix(): AnyMatrix {
    if (!this.binary) {
      const { rows, cols, values } = this.textMatrix();
      return { rows, cols, data: Float32Array.from(values) };
    }
    if (this.binary && this.bytes[this.offset] === 0x43) return decompress(this.readCompressedMatrix());
    const type = this.expectToken('FM', 'DM');
    const rows = this.readCount('a row count', 2147483647);
    const cols = this.readCount('a column count', 2147483647);
    const data = this.floats(rows * cols, type === 'DM');
    // An empty matrix has neither rows nor columns in Kaldi; other writers may leave one of the two.
    return (data.length === 0 ? { rows: 0, cols: 0, data } : { rows, cols, data }) as AnyMatrix;
  }

  readMatrix(): Matrix {
    const m = this.readAnyMatrix();
    return m.data instanceof Float32Array ? (m as Matrix) : { ...m, data: Float32Array.from(m.data) };
  }

  readDoubleMatrix(): Matrix<Float64Array> {
    const { rows, cols, ...rest } = this.binary ? this.readAnyMatrix() : this.textMatrix();
    return { rows, cols, data: Float64Array.from('data' in rest ? rest.data : rest.values) };
  }

  /** Reads a matrix as it was compressed (`CM`, `CM2`, `CM3`; binary only). */
  readCompressedMatrix(): CompressedMatrix {
    const compression = this.expectToken('CM', 'CM2', 'CM3') as CompressedMatrix['compression'];
    const header = this.take(compressedHeaderBytes, 'a compression header');
    const rows = this.view.getInt32(header + 8, true);
    const cols = this.view.getInt32(header + 12, true);
    if (cols === 0 || rows === 0) {
      // Kaldi writes four bytes more for an empty matrix than it reads; nothing else that may follow begins with \0.
      if (!this.atEnd && this.bytes[this.offset] === 0) this.take(4, 'an empty compressed matrix');
      return { rows: 0, cols: 0, compression, bytes: new Uint8Array(compressedHeaderBytes) };
    }
    if (rows < 0 || cols < 0) this.fail('a row and a column count', `${rows} x ${cols}`, header + 8);
    this.take(compressedDataBytes(compression, rows, cols), `${rows} x ${cols} compressed elements`);
    return { rows, cols, compression, bytes: new Uint8Array(this.copy(header, this.offset)) };
  }

  private textMatrix(): { rows: number; cols: number; values: number[] } {
    this.openBracket();
    const values: number[] = [];
    let rows = 0;
    let cols = 0;
    let inRow = 0;
    const endRow = (): void => {
      if (inRow === 0) return;
      if (rows > 0 && inRow !== cols) this.fail(`${cols} values in row ${rows}`, String(inRow));
      cols = inRow;
      inRow = 0;
      rows++;
    };
    for (;;) {
      for (; space(this.bytes[this.offset]) || this.bytes[this.offset] === 0x3b; this.offset++)
        if (this.bytes[this.offset] === 10 || this.bytes[this.offset] === 0x3b) endRow();
      if (this.closeBracket()) break;
      values.push(this.textNumber('a number or ]'));
      inRow++;
    }
    endRow();
    return { rows, cols, values };
  }

  /** The buffer's own slice copies; that of a Node Buffer would not. */
  private copy(start: number, end: number): ArrayBuffer {
    const { buffer, byteOffset } = this.bytes;
    return (buffer as ArrayBuffer).slice(byteOffset + start, byteOffset + end);
  }

  /** Reads raw little-endian floats or doubles; the result is a copy, aligned and the caller's own. */
  private floats(count: number, double: boolean): AnyVector {
    const size = double ? 8 : 4;
    const start = this.take(size * count, `${count} ${double ? 'doubles' : 'floats'}`);
    if (this.memory) {
      const at = this.bytes.byteOffset + start;
      const aligned = at % size === 0;
      const { buffer, offset } = aligned
        ? { buffer: this.bytes.buffer, offset: at }
        : this.memory.copy(this.bytes.subarray(start, start + size * count));
      return double ? new Float64Array(buffer, offset, count) : new Float32Array(buffer, offset, count);
    }
    const raw = this.copy(start, start + size * count);
    return double ? new Float64Array(raw) : new Float32Array(raw);
  }
}
