import type { KaldiInput } from '@jebena/io-ark';

const decoder = new TextDecoder();
const viewOf = (input: KaldiInput): DataView =>
  new DataView(input.bytes.buffer, input.bytes.byteOffset, input.bytes.byteLength);

/** Reads a raw little-endian int32, without the size byte that Kaldi puts before its own. */
export function readInt32(input: KaldiInput, what: string): number {
  const at = input.take(4, what);
  return viewOf(input).getInt32(at, true);
}

/** Reads a raw int64 that must be exact as a number. */
export function readInt64(input: KaldiInput, what: string): number {
  const at = input.take(8, what);
  const value = Number(viewOf(input).getBigInt64(at, true));
  if (!Number.isSafeInteger(value)) input.fail(`${what} below 2^53`, String(value), at);
  return value;
}

/** Reads 64 bits as they stand. */
export function readBits64(input: KaldiInput, what: string): bigint {
  const at = input.take(8, what);
  return viewOf(input).getBigUint64(at, true);
}

/** Reads a string as OpenFst writes it: int32 length, then the bytes. */
export function readString(input: KaldiInput, what: string): string {
  const at = input.offset;
  const length = readInt32(input, what);
  if (length < 0) input.fail(`the length of ${what}`, String(length), at);
  const start = input.take(length, what);
  return decoder.decode(input.bytes.subarray(start, start + length));
}
