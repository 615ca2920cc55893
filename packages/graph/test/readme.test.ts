import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';

test('the example of the README prints what the README says', () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');
  const [, code] = /```ts\n([^]*?)```/.exec(readme)!;
  const [, promised] = /It prints `(.*?)`/.exec(readme)!;
  const folder = mkdtempSync(join(tmpdir(), 'jebena-readme-'));
  try {
    writeFileSync(join(folder, 'example.mjs'), transformSync(code!, { loader: 'ts' }).code);
    symlinkSync(resolve(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
    const printed = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(printed).toBe(`${promised}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
