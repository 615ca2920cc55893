import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';

const folder = resolve(import.meta.dirname, '..');
const readme = readFileSync(resolve(folder, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);

test.each(examples)("the README's example %# runs and prints what it says", (example) => {
  const said = /(?:\n\/\/ .*)+\n$/.exec(example)![0].replaceAll('\n// ', '\n').trim();
  const { code } = transformSync(example, { loader: 'ts' });
  const run = spawnSync(process.execPath, ['--input-type=module'], { cwd: folder, input: code });
  expect(run.stderr.toString()).toBe('');
  expect(run.stdout.toString().trim()).toBe(said);
});
