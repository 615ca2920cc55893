import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file of a run could not be written. */
export class WriteError extends Error {
  readonly code = 'ERR_WRITE';
  override readonly name = 'WriteError';
}

const reasons: Record<string, string> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'no space left in the quota',
  EFBIG: 'no larger file allowed',
  EACCES: 'no permission',
  EROFS: 'a file system that is only read',
};

/**
 * Writes a whole file, or leaves the one that is there as it is.
 *
 * @throws WriteError in one line: which file, how much, why not
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, content);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = reasons[String((error as NodeJS.ErrnoException).code)] ?? (error as Error).message;
    throw new WriteError(`${path}: expected to write ${content.length} bytes, found ${reason}`, { cause: error });
  }
}
