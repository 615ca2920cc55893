import type { EngineName } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { engineCases, testCase } from '@jebena/engine/testing';
import { describe, expect, test } from 'vitest';

describe.each<EngineName>(['tfjs-cpu', 'tfjs-wasm'])('%s', async (engine) => {
  const made = await createEngine({ engine });
  test('is what was asked for', () => expect(made.name).toBe(engine));
  test.each(Object.entries(engineCases))('%s', (name, run) => testCase(made, name, run));
});
