/** Turns bytes of raw 16-bit little-endian PCM, cut anywhere, into samples. */
export class Pcm16 {
  private low: number | undefined;

  /** The samples that the bytes complete; half a sample waits for its other byte. */
  push(bytes: Uint8Array): Float32Array {
    const before = this.low === undefined ? 0 : 1;
    const samples = new Float32Array((bytes.length + before) >> 1);
    let at = 0;
    let i = 0;
    if (this.low !== undefined && bytes.length > 0) samples[at++] = signed(this.low, bytes[i++]!);
    for (; i + 1 < bytes.length; i += 2) samples[at++] = signed(bytes[i]!, bytes[i + 1]!);
    if (i < bytes.length) this.low = bytes[i]!;
    else if (bytes.length > 0) this.low = undefined;
    return samples;
  }
}

const signed = (low: number, high: number): number => ((high << 24) >> 16) | low;
