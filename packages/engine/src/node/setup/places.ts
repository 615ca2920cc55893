import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What libtensorflow is wanted: for the CPU alone, or with CUDA. */
export type Flavour = 'cpu' | 'cuda';

/** The release that is fetched from PyPI, and the one of the official archive (the newest that has one). */
export const versions = { wheel: '2.21.0', archive: '2.18.1' } as const;

/** The addon's sources. */
export const nativeFolder = fileURLToPath(new URL('../../../native/', import.meta.url));

/** Where set-up keeps what it fetched and built: `JEBENA_CACHE`, else the user's cache. */
export function cacheFolder(): string {
  const { JEBENA_CACHE, XDG_CACHE_HOME } = process.env;
  return join(JEBENA_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'jebena'), 'engine');
}

export const flavourHere = (): Flavour => (existsSync('/proc/driver/nvidia/version') ? 'cuda' : 'cpu');

/** The folder of one build: another for other sources, another libtensorflow or another kind of machine. */
export function buildFolder(flavour: Flavour): string {
  const hash = createHash('sha256').update(`${versions.wheel} ${versions.archive} ${flavour}`);
  for (const file of readdirSync(nativeFolder).sort()) hash.update(file).update(readFileSync(nativeFolder + file));
  const machine = `${process.platform}-${process.arch}-${flavour}`;
  return join(cacheFolder(), `${machine}-${hash.digest('hex').slice(0, 16)}`);
}

export const libraryFolder = (flavour: Flavour): string =>
  join(cacheFolder(), `libtensorflow-${versions.wheel}-${process.platform}-${process.arch}-${flavour}`);
