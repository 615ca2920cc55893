import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { matrix } from '@jebena/io-ark';
import { writeMatrices } from '@jebena/io-ark/node';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'jebena-examples-'));

beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeMatrices(`ark,scp:${folder}/feats.ark,${folder}/feats.scp`)([['utt1', matrix(7, 2)]]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * What a README says that a block prints: the code spans of an "It prints" right below it, or the comment that ends it.
 * A block that says nothing is a fragment.
 */
function promised(block: string, below: string): string | undefined {
  const spans = /^\s*It prints ((?:(?:,| and|, and)? ?`[^`]*`)+)/.exec(below)?.[1];
  if (spans !== undefined) return [...spans.matchAll(/`([^`]*)`/g)].map((span) => span[1]).join('\n');
  const comments = /(?:\n\/\/ .*)+\n$/.exec(block)?.[0].replaceAll('\n// ', '\n').trim();
  return comments ?? / \/\/ (.*)\n$/.exec(block)?.[1];
}

const examples = readdirSync(join(root, 'packages')).flatMap((name) => {
  const readme = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');
  return [...readme.matchAll(/```ts\n([\s\S]*?)```\n/g)].map((match, i) => {
    return { name, i, block: match[1]!, says: promised(match[1]!, readme.slice(match.index + match[0].length)) };
  });
});

test('the first example of every package says what it prints', () => {
  const silent = readdirSync(join(root, 'packages')).filter(
    (name) => !examples.some((e) => e.name === name && e.i === 0 && e.says),
  );
  expect(silent).toEqual([]);
});

const runnable = examples.filter(({ says }) => says !== undefined);

test.each(runnable.map((example) => [`${example.name} ${example.i + 1}`, example] as const))(
  'README of %s',
  async (_, example) => {
    const { name, i, block, says } = example;
    const path = join(folder, `${name}-${i}.mjs`);
    writeFileSync(path, transformSync(block, { loader: 'ts' }).code);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [path], { cwd: folder });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(says);
  },
);
