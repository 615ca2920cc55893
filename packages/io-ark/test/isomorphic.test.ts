import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

test('nothing that the package exports to a page imports from Node', () => {
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([^'\n]+)'/g))
      if (name!.startsWith('.')) visit(join(dirname(file), name!));
      else outside.add(name!);
  };
  visit(resolve(import.meta.dirname, '../dist/index.js'));
  expect(seen.size).toBeGreaterThan(40);
  expect([...outside].sort()).toEqual(['@jebena/options', '@jebena/stream', 'fflate', 'msgpackr']);
});
