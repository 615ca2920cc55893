import { existsSync } from 'node:fs';
import { UsageError } from '@jebena/options';

/** A path that must be there. */
export const need = (path: string, what: string): string => {
  if (!existsSync(path)) throw new UsageError(`${path}: expected ${what}, found no such file or folder`);
  return path;
};
