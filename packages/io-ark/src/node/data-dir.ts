import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { KaldiIoError } from '../errors.js';
import { type FixedDataDir, fixDataDir as fixFiles } from '../data-dir/fix.js';
import type { DataDir } from '../data-dir/lines.js';
import { makeDataDir as makeFiles } from '../data-dir/make.js';
import { type ManifestEntry, parseManifest } from '../data-dir/manifest.js';
import { type ValidateOptions, validateDataDir as validateFiles } from '../data-dir/validate.js';

const smallFile = /^(?:text|segments|(?:wav|feats|cmvn|vad)\.scp|(?:utt|spk|reco)2\w+)$/;

/**
 * Reads the files of a data directory.
 *
 * @throws KaldiIoError when it is none
 */
export async function readDataDir(path: string): Promise<Map<string, string>> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new KaldiIoError('a data directory', 'no such folder', { path });
  const files = new Map<string, string>();
  for (const name of (await readdir(path)).sort())
    if (smallFile.test(name)) files.set(name, await readFile(join(path, name), 'utf8'));
  return files;
}

/** Writes files of a data directory, each whole or not at all. */
export async function writeDataDir(path: string, files: DataDir): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const name of files.keys()) await writeFile(temporary(path, name), files.get(name)!);
  for (const name of files.keys()) await rename(temporary(path, name), join(path, name));
}

const temporary = (path: string, name: string): string => join(path, `.${name}.${process.pid}.tmp`);

/** Checks a data directory; gives one sentence a problem. */
export const validateDataDir = async (path: string, options?: Partial<ValidateOptions>): Promise<string[]> =>
  validateFiles(await readDataDir(path), options);

/** Repairs a data directory; the files as they were are kept in its folder `.backup`. */
export async function fixDataDir(path: string): Promise<FixedDataDir> {
  const before = await readDataDir(path);
  const fixed = fixFiles(before);
  const changed = new Map([...fixed.files].filter(([name, text]) => before.get(name) !== text));
  await mkdir(join(path, '.backup'), { recursive: true });
  for (const name of before.keys()) await copyFile(join(path, name), join(path, '.backup', name));
  await writeDataDir(path, changed);
  return fixed;
}

/**
 * Makes a data directory of manifests (JSON lines or CSV, see `parseManifest`) or of a folder that holds one as
 * `metadata.csv`, `metadata.jsonl` or its only `.csv` or `.jsonl` file. Paths count from the manifest's folder.
 *
 * @throws KaldiIoError naming the entry whose audio is missing, or is neither wave nor flac
 */
export async function makeDataDir(sources: readonly string[], path: string): Promise<Map<string, string>> {
  const manifests = await Promise.all(sources.map(findManifest));
  const texts = await Promise.all(manifests.map((name) => readFile(name, 'utf8')));
  // Lhotse keeps recordings and supervisions apart: files of JSON lines are read as one.
  const lines = manifests.length > 1 && texts.every((text) => text.trimStart().startsWith('{'));
  const entries = lines
    ? parseManifest(texts.map((text) => text.trimEnd()).join('\n'), manifests.join('+'))
    : texts.flatMap((text, i) => parseManifest(text, manifests[i]));
  const folder = dirname(resolve(manifests[0]!));
  const files = makeFiles(entries, { locate: (entry) => locate(entry, folder) });
  await writeDataDir(path, files);
  return files;
}

async function findManifest(source: string): Promise<string> {
  const found = statSync(source, { throwIfNoEntry: false });
  if (!found) throw new KaldiIoError('a manifest or a folder', 'no such file', { path: source });
  if (!found.isDirectory()) return source;
  const names = (await readdir(source)).filter((name) => /\.(?:csv|tsv|jsonl)$/.test(name));
  const name = names.find((n) => n.startsWith('metadata.')) ?? (names.length === 1 ? names[0] : undefined);
  if (!name)
    throw new KaldiIoError('metadata.csv, metadata.jsonl or one table', names.join(' ') || 'none', { path: source });
  return join(source, name);
}

function locate({ audio, place, channel }: ManifestEntry, folder: string): string {
  const path = isAbsolute(audio) ? audio : join(folder, audio);
  if (!existsSync(path)) throw new KaldiIoError('an audio file', `no file ${path}`, { path: place });
  if (channel && /\.(?:wav|flac)$/i.test(path)) return `sox ${shellWord(path)} -t wav - remix ${channel + 1} |`;
  if (/\.wav$/i.test(path)) return path;
  if (/\.flac$/i.test(path)) return `flac -c -d -s ${shellWord(path)} |`;
  throw new KaldiIoError('a .wav or .flac file', path, { path: place });
}

const shellWord = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
