import { rangedFile } from '@jebena/io-ark/node';
import type { Example } from '../example.js';
import { headerLength, readExample, readHeader, ShardError } from '../shard.js';
import { align, type ShardHeader } from '../shard-layout.js';

/** A shard on disk: its header is read at once, each example when it is asked for. */
export class ShardFile {
  readonly header: ShardHeader;
  private readonly start: number;
  private readonly file: ReturnType<typeof rangedFile>;

  /** @throws ShardError where it is none, or torn */
  constructor(private readonly path: string) {
    this.file = rangedFile(path);
    const length = headerLength(this.read(0, 12), path);
    this.header = readHeader(this.read(12, length), length, path);
    this.start = align(12 + length);
  }

  private read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    // Local files are read at once.
    return bytes.subarray(0, this.file.readInto!(bytes, offset) as number);
  }

  /** @throws ShardError where the file ends before the example does */
  example(index: number): Example {
    const [from, to] = [this.header.offset[index]!, this.header.offset[index + 1]!];
    const bytes = this.read(this.start + from, to - from);
    if (bytes.length < to - from)
      throw new ShardError(
        `${this.path}: expected ${this.start + to} bytes, found a file of ${this.start + from + bytes.length} bytes`,
      );
    return readExample(this.header, index, bytes, this.path);
  }

  close(): void {
    void this.file.close?.();
  }
}
