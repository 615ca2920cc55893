import { UsageError } from '@jebena/options';
import { unzipSync, zipSync } from 'fflate';

/** A model's folder in memory: its files by name. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/** No deflated file is smaller than this part of what it holds. */
const mostDeflated = 1032;

/**
 * The files of a model's folder that was packed to one zip file, in whatever folder it stands there.
 *
 * @param path names the file in errors
 * @throws UsageError for bytes that are no zip file, are torn, or hold no model or several
 */
export function unpackModel(bytes: Uint8Array, path: string = 'model'): ModelFiles {
  let found: [string, Uint8Array][];
  try {
    found = Object.entries(
      unzipSync(bytes, {
        filter: ({ name, size, originalSize }) => {
          if (originalSize > size * mostDeflated + 64 || size > bytes.length)
            throw new Error(`'${name}' says to hold ${originalSize} bytes`);
          return true;
        },
      }),
    );
  } catch (cause) {
    const { message } = cause as Error;
    throw new UsageError(`${path}: expected a zip file of a model's folder, found none: ${message}`, { cause });
  }
  const models = found.map(([name]) => name).filter((name) => /(^|\/)final\.mdl$/.test(name));
  if (models.length !== 1)
    throw new UsageError(
      `${path}: expected one final.mdl in it, found ${models.length === 0 ? 'none' : models.length}`,
    );
  const folder = models[0]!.slice(0, -'final.mdl'.length);
  const inside = found.filter(([name]) => name.startsWith(folder) && !name.slice(folder.length).includes('/'));
  return new Map(inside.map(([name, file]) => [name.slice(folder.length), file] as const).filter(([name]) => name));
}

/** One zip file of a model's files; the same files give the same bytes. */
export const packModel = (files: ModelFiles): Uint8Array =>
  zipSync(Object.fromEntries(files), { level: 6, mtime: new Date(1980, 0, 1) });
