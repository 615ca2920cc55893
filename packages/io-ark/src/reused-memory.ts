/**
 * Memory for one value at a time, for readers whose consumers are done with a value before they ask for the next: making
 * an ArrayBuffer for each, and collecting it, takes longer than reading a short value.
 */
export class ReusedMemory {
  #buffer = new ArrayBuffer(1 << 16);
  #used = 0;

  /** Gives up what was copied here. */
  reset(): void {
    this.#used = 0;
  }

  /** A copy of bytes that begins at a multiple of eight. */
  copy(bytes: Uint8Array): { buffer: ArrayBuffer; offset: number } {
    const offset = this.#used;
    const end = (offset + bytes.length + 7) & ~7;
    if (end > this.#buffer.byteLength) {
      // Arrays that were given out for the same value keep the old memory.
      this.#buffer = new ArrayBuffer(2 * end);
      this.#used = 0;
      return this.copy(bytes);
    }
    new Uint8Array(this.#buffer, offset, bytes.length).set(bytes);
    this.#used = end;
    return { buffer: this.#buffer, offset };
  }
}
