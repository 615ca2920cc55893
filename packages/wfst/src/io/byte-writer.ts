const encoder = new TextEncoder();

/** Raw little-endian values one after the other, into a buffer that grows. */
export class ByteWriter {
  private buffer: Uint8Array;
  private view: DataView;
  private length = 0;

  /** @param size bytes to make room for at first */
  constructor(size: number = 1024) {
    this.buffer = new Uint8Array(size);
    this.view = new DataView(this.buffer.buffer);
  }

  /** What was written so far: a view of the buffer, which a later write may leave behind. */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.buffer.length) {
      const grown = new Uint8Array(Math.max(2 * this.buffer.length, this.length));
      grown.set(this.buffer);
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  int32(value: number): void {
    const at = this.reserve(4);
    this.view.setInt32(at, value, true);
  }

  float32(value: number): void {
    const at = this.reserve(4);
    this.view.setFloat32(at, value, true);
  }

  int64(value: number): void {
    this.bits64(BigInt(value));
  }

  bits64(value: bigint): void {
    const at = this.reserve(8);
    this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
  }

  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
  }

  /** int32 length, then the bytes, as OpenFst writes a string. */
  string(text: string): void {
    const bytes = encoder.encode(text);
    this.int32(bytes.length);
    this.raw(bytes);
  }
}
