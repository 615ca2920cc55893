import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pipelineData, readmeProgram } from './support/readme-pipeline.js';

const root = join(import.meta.dirname, '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jebena-readme-'));
  pipelineData(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the README's pipeline runs", () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'pipeline.mjs'), readmeProgram(readFileSync(join(root, 'README.md'), 'utf8')));
  const printed = execFileSync('node', ['pipeline.mjs'], { cwd: folder, encoding: 'utf8' });
  expect(printed.trim().split('\n').at(-1)).toMatch(/^end [1-9]/);
});

test('the README maps every package', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  for (const name of readdirSync(join(root, 'packages'))) expect(readme).toContain(`(packages/${name})`);
});
