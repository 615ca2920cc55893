import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

test('torn, flipped and spliced inputs end in a value or a typed error', () => {
  const script = resolve(import.meta.dirname, 'fuzz/run.mjs');
  const run = spawnSync(process.execPath, ['--max-old-space-size=512', script, '--count=20000', '--seed=1'], {
    encoding: 'utf8',
    timeout: 110_000,
  });
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(/^20000 inputs over \d+ readers \(seed 1\): \d+ refused, \d+ read, 0 failures\n$/);
}, 120_000);
