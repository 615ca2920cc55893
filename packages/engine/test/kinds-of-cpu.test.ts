import { execFileSync } from 'node:child_process';
import { addonFolder } from '@jebena/engine/node';
import { expect, test } from 'vitest';

const program = `
  import { addonFolder, createEngine } from '@jebena/engine/node';
  import { testEngine } from '@jebena/engine/testing';
  import { loadBinding } from './dist/node/tensorflow/load-binding.js';
  process.stdout.write(loadBinding(addonFolder()).kernels());
  await testEngine(() => createEngine({ engine: 'tensorflow' }));`;

// A CPU that lacks a kind runs the next lesser one, and the test still holds.
test.runIf(addonFolder()).each(['baseline', 'avx2', 'avx512'])('the loops for %s keep the contract', (kind) => {
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, JEBENA_SIMD: kind },
    encoding: 'utf8',
  });
  expect(['baseline', 'avx2', 'avx512'].slice(0, 1 + ['baseline', 'avx2', 'avx512'].indexOf(kind))).toContain(printed);
});
