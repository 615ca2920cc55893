import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'jebena-examples-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the first block of a README and returns what it prints. */
async function runExample(name: string): Promise<string> {
  const block = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'packages', name, 'README.md'), 'utf8'))![1]!;
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, block);
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [path],
    outfile,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  });
  return execFileSync('node', [outfile], { cwd: folder, encoding: 'utf8' }).trim();
}

test.each([
  ['cli', '13'],
  ['decode-looped', '30 35'],
  ['graph', 'utt1 100 10 2 31082'],
  ['options', '13 true'],
  ['stream', '[ 1, 3, 5 ]'],
  ['train', '500 1500\n2.00 1.00'],
])("%s: the README's example prints what it says", async (name, printed) => {
  expect(await runExample(name)).toBe(printed);
});
