import type { ByteSource } from './byte-source.js';
import { KaldiIoError } from './errors.js';

/** Random access to the bytes of one file: a local file, an S3 object, a ranged HTTP resource. */
export interface RangedReader {
  /** Reads `length` bytes at `offset`: fewer only where the file ends. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** Reads into memory of the caller's and returns how many bytes came: fewer only where the file ends. */
  readInto?(target: Uint8Array, offset: number): number | Promise<number>;
  close?(): void | Promise<void>;
}

/** Where bytes are written. Nothing is seen under the final name before `close`; `abort` leaves nothing behind. */
export interface ByteSink {
  /** Takes bytes that may change after the promise resolves. */
  write(bytes: Uint8Array): void | Promise<void>;
  close(): void | Promise<void>;
  abort(): void | Promise<void>;
}

/**
 * Files by name, as specifiers name them: Node's file system, S3, or files that a page holds. Only `stream` is needed
 * to read archives; `ranged` makes `file:offset` touch only what it reads; `create` is for writing.
 */
export interface Storage {
  /**
   * The bytes of `name`, opened when reading begins. `-` is standard input; `command |` is refused unless
   * allowed. The memory of a chunk may be used again once the next is asked for.
   */
  stream(name: string): ByteSource;
  ranged?(name: string): RangedReader | Promise<RangedReader>;
  create?(name: string): ByteSink | Promise<ByteSink>;
}

/** A storage over a map, for tests and for files that a page holds. */
export function memoryStorage(
  files: Map<string, Uint8Array> = new Map(),
): Storage & { files: Map<string, Uint8Array> } {
  const find = (name: string): Uint8Array => {
    const bytes = files.get(name);
    if (!bytes) throw new KaldiIoError('a file', 'no such file', { path: name });
    return bytes;
  };
  return {
    files,
    stream: find,
    ranged: (name) => ({ read: (offset, length) => find(name).subarray(offset, offset + length) }),
    create: (name) => {
      const parts: Uint8Array[] = [];
      return {
        write: (bytes) => void parts.push(Uint8Array.from(bytes)),
        close: () => void files.set(name, join(parts)),
        abort: () => undefined,
      };
    },
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
