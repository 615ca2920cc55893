import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import type { ByteSource } from '../byte-source.js';
import { KaldiIoError } from '../errors.js';
import { gunzip } from '../gzip.js';
import type { ByteSink, RangedReader, Storage } from '../storage.js';
import { fileSink } from './file-sink.js';
import { readPipe, writePipe } from './pipe.js';
import { streamSink } from './stream-sink.js';

export interface NodeStorageOptions {
  /** Whether `command |` and `| command` may run a shell; a library should not by what a file says. */
  readonly allowPipes?: boolean | undefined;
}

/** Node's files, standard input and output, gzip, and shell commands where they are allowed. */
export function nodeStorage({ allowPipes = false }: NodeStorageOptions = {}): Storage {
  return {
    stream: (name) => streamOf(name, allowPipes),
    ranged: rangedFile,
    create: (name) => sinkOf(name, allowPipes),
  };
}

/** Commands that only unpack or pack one file: they need no shell. */
const unpacking = /^(?:gunzip -c|zcat|gzip -c?dc?)\s+([^\s'"|<>;&$`*?]+)\s*\|$/;
const packing = /^\|\s*gzip(?: -\d)?(?: -c)?(?: -\d)?\s*>\s*([^\s'"|<>;&$`*?]+)$/;

function streamOf(name: string, allowPipes: boolean): ByteSource {
  if (name === '-' || name === '') return process.stdin;
  if (!name.endsWith('|')) return fileChunks(name);
  const packed = unpacking.exec(name)?.[1];
  if (packed) return gunzip(fileChunks(packed), packed);
  if (!allowPipes) return refused(name);
  return readPipe(name.slice(0, -1));
}

async function sinkOf(name: string, allowPipes: boolean): Promise<ByteSink> {
  if (name === '-' || name === '') return streamSink(process.stdout, 'standard output', { end: false });
  if (name.startsWith('|')) {
    const packed = packing.exec(name)?.[1];
    if (packed) return gzipSink(packed);
    return allowPipes ? writePipe(name.slice(1)) : refused(name);
  }
  if (/[|]\s*$/.test(name)) throw new KaldiIoError('a file or an output pipe', JSON.stringify(name));
  const sink = await naming(name, () => (name.endsWith('.gz') ? gzipSink(name) : fileSink(name)));
  return {
    ...sink,
    write: (bytes) => naming(name, () => sink.write(bytes), `to write ${bytes.length} bytes`),
    close: () => naming(name, () => sink.close(), 'to write all of it'),
  };
}

const refused = (name: string): never => {
  throw new KaldiIoError('a file (shell commands are not allowed here)', JSON.stringify(name), { path: 'specifier' });
};

/** An error of the file system as one line: what, which file, why. */
async function naming<T>(path: string, work: () => T | Promise<T>, expected = 'a file'): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw systemError(path, error, expected);
  }
}

function systemError(path: string, error: unknown, expected = 'a file'): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof KaldiIoError) return error;
  const reason = reasons[String(error.code)] ?? error.message;
  return new KaldiIoError(expected, reason, { path }, { cause: error });
}

const reasons: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'a folder',
  EACCES: 'no permission',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'no space left in the quota',
  EFBIG: 'no larger file allowed',
  EROFS: 'a file system that is only read',
};

const chunkBytes = 1 << 19;

/**
 * The bytes of a file, read one chunk ahead. The memory of a chunk is used again when the next is asked for: new memory
 * for each would cost as much time as reading.
 */
async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await naming(path, () => open(path));
  const { size } = await file.stat();
  // What says it has no size may be a pipe or a device.
  const length = Math.min(chunkBytes, size || chunkBytes);
  const read = (memory: Buffer): ReturnType<typeof file.read<Buffer>> => file.read(memory, 0, length);
  const memory = (): Buffer => Buffer.allocUnsafeSlow(length);
  let [spare, next] = [memory(), read(memory())];
  try {
    for (;;) {
      const { bytesRead, buffer } = await naming(path, () => next);
      if (bytesRead === 0) return;
      next = read(spare);
      spare = buffer;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await next.catch(() => undefined);
    await file.close();
  }
}

/** Reads parts of a local file. Small reads of a file are over sooner than a thread could be asked for them. */
export function rangedFile(path: string): RangedReader {
  let fd: number;
  try {
    fd = openSync(path, 'r');
    if (!fstatSync(fd).isFile()) {
      closeSync(fd);
      throw new KaldiIoError('a file', 'a folder or a device', { path });
    }
  } catch (error) {
    throw systemError(path, error);
  }
  const readInto = (target: Uint8Array, offset: number): number => {
    let have = 0;
    while (have < target.length) {
      const count = readSync(fd, target, have, target.length - have, offset + have);
      if (count === 0) break;
      have += count;
    }
    return have;
  };
  return {
    readInto,
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      return bytes.subarray(0, readInto(bytes, offset));
    },
    close: () => closeSync(fd),
  };
}

async function gzipSink(path: string): Promise<ByteSink> {
  const file = await fileSink(path);
  const packer = createGzip();
  const into = streamSink(packer, path);
  const writing = (async () => {
    for await (const chunk of packer) await file.write(chunk as Uint8Array);
  })();
  writing.catch((error: Error) => packer.destroy(error));
  return {
    write: into.write,
    close: async () => {
      packer.end();
      await writing;
      await file.close();
    },
    abort: async () => {
      packer.destroy();
      await writing.catch(() => undefined);
      await file.abort();
    },
  };
}
