import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';

test("the README's example runs and prints what it says", () => {
  const folder = resolve(import.meta.dirname, '..');
  const readme = readFileSync(resolve(folder, 'README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  const { code } = transformSync(example, { loader: 'ts' });
  const run = spawnSync(process.execPath, ['--input-type=module'], { cwd: folder, input: code });
  expect(run.stderr.toString()).toBe('');
  expect(run.stdout.toString().trim()).toBe(/It prints `([^`]*)`/.exec(readme)![1]);
});
