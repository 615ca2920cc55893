import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

const files = (folder: string, ending: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : files(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });

/** Names of functions that return a `Stage` and that a package's index offers. */
function stagesOf(name: string): string[] {
  const index = readFileSync(join(root, 'packages', name, 'dist/index.d.ts'), 'utf8');
  const declared = files(join(root, 'packages', name, 'dist'), '.d.ts').flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/export declare (?:function|const) (\w+)[^;]*?(?:=>|\):) Stage</g)].map((m) => m[1]!);
  });
  return [...new Set(declared)].filter((stage) => new RegExp(`\\b${stage}\\b`).test(index));
}

const tests = ['packages', 'apps', 'test'].flatMap((folder) => files(join(root, folder), '.test.ts'));
const piped = tests.map((file) => readFileSync(file, 'utf8')).filter((text) => text.includes("'it-pipe'"));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const packages = readdirSync(join(root, 'packages')).filter((name) => name !== 'cli');

/** Made from other stages and not of interest in a pipe of their own. */
const builders = new Set(['stage', 'waveFeature', 'augment']);

test.each(packages)('every stage of %s runs inside pipe in some test', (name) => {
  const untested = stagesOf(name)
    .filter((stage) => !builders.has(stage))
    .filter((stage) => ![...piped, readme].some((text) => new RegExp(`\\b${stage}\\(`).test(text)));
  expect(untested).toEqual([]);
});
