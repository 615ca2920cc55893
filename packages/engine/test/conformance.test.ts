import type { EngineName, EngineOptions } from '@jebena/engine';
import { addonFolder, createEngine } from '@jebena/engine/node';
import { engineCases, testCase } from '@jebena/engine/testing';
import { describe, expect, test } from 'vitest';

const engines: [EngineName, EngineOptions, kernels: string][] = [
  ['tfjs-cpu', {}, ''],
  ['tfjs-wasm', {}, ''],
  ['tensorflow', { precision: 'float32' }, ''],
  ['tensorflow', { precision: 'mixed' }, ''],
  ['tensorflow', { precision: 'float32' }, 'libtensorflow'],
  ['tensorflow', { precision: 'mixed' }, 'libtensorflow'],
];

describe.each(engines)('%s %o %s', async (name, options, kernels) => {
  process.env['JEBENA_KERNELS'] = kernels;
  // Where libtensorflow is not set up, its part is skipped.
  const there = name !== 'tensorflow' || addonFolder() !== undefined;
  const made = there ? await createEngine({ ...options, engine: name, log: () => undefined }) : undefined;
  test.runIf(made)('is what was asked for', () => expect(made!.name).toBe(name));
  for (const [clause, run] of Object.entries(engineCases))
    test.runIf(made)(`keeps the contract: ${clause}`, () => testCase(made!, clause, run));
});
