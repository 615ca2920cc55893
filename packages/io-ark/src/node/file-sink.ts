import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ByteSink } from '../storage.js';

let count = 0;

/** A file that gets its name when it is whole. Devices and pipes in the file system are written to as they are. */
export async function fileSink(path: string): Promise<ByteSink> {
  const special = isSpecial(path);
  const temporary = special ? path : join(dirname(path), `.${basename(path)}.${process.pid}.${count++}.tmp`);
  const file = await open(temporary, 'w');
  let closed = false;
  const finish = async (): Promise<boolean> => {
    const first = !closed;
    closed = true;
    if (first) await file.close();
    return first;
  };
  return {
    write: (bytes) => writeWhole(file, bytes),
    close: async () => {
      if ((await finish()) && !special) await rename(temporary, path);
    },
    abort: async () => {
      if ((await finish()) && !special) await rm(temporary, { force: true });
    },
  };
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

function isSpecial(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isSymbolicLink();
}
