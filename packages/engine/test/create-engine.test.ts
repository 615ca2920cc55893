import { EngineError, createEngine, tfjsEngine } from '@jebena/engine';
import { createEngine as createInNode } from '@jebena/engine/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.unstubAllEnvs());

test('the engine for anywhere is WebAssembly', async () => {
  expect((await createEngine()).name).toBe('tfjs-wasm');
  await expect(createEngine({ engine: 'tensorflow' })).rejects.toThrow('runs in Node alone');
});

test('JEBENA_ENGINE chooses by hand, and an option is stronger', async () => {
  vi.stubEnv('JEBENA_ENGINE', 'tfjs-cpu');
  expect((await createInNode()).name).toBe('tfjs-cpu');
  expect((await createInNode({ engine: 'tfjs-wasm' })).name).toBe('tfjs-wasm');
  vi.stubEnv('JEBENA_ENGINE', 'abacus');
  await expect(createInNode()).rejects.toThrow(/JEBENA_ENGINE: expected one of auto, tensorflow.*found 'abacus'/);
});

test('a backend that is not registered is refused in one line', async () => {
  const refused = tfjsEngine(tf, 'webgl');
  await expect(refused).rejects.toBeInstanceOf(EngineError);
  await expect(refused).rejects.toThrow('import @tensorflow/tfjs-backend-webgl first');
});

test('mixed precision falls back with a message where there is none', async () => {
  const lines: string[] = [];
  const engine = await createEngine({ engine: 'tfjs-cpu', precision: 'mixed', log: (line) => lines.push(line) });
  expect(engine.precision).toBe('float32');
  expect(lines).toEqual(['tfjs-cpu has no bfloat16 products: going on in float32']);
});

test('two engines live side by side', async () => {
  const [a, b] = [await createEngine({ engine: 'tfjs-cpu' }), await createEngine({ engine: 'tfjs-wasm' })];
  const [x, y] = [a.full(2, 2, 1), b.full(2, 2, 2)];
  const [p, q] = [a.matmul(x, x), b.matmul(y, y)];
  expect([...(await a.read(p)), ...(await b.read(q))]).toEqual([2, 2, 2, 2, 8, 8, 8, 8]);
  a.dispose(x, p);
  b.dispose(y, q);
  expect([a.liveTensors(), b.liveTensors()]).toEqual([0, 0]);
});
