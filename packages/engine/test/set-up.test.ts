import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpEngine } from '@jebena/engine/node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jebena-set-up-'));
  vi.stubEnv('JEBENA_CACHE', join(folder, 'cache'));
  vi.stubEnv('JEBENA_ENGINE', '');
  vi.stubEnv('PATH', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true });
});

test('without g++, WebAssembly is taken, and the line says why; the second call does not look again', async () => {
  const first = await setUpEngine();
  expect(first.engine).toBe('tfjs-wasm');
  expect(first.line).toBe('engine: tfjs-wasm, slower, because libtensorflow cannot be had: g++ is not here');
  expect(first.existing).toBe(false);
  expect(await setUpEngine()).toMatchObject({ engine: 'tfjs-wasm', existing: true });
});

test('without Python and the network, both failures are named and nothing half-made is left', async () => {
  symlinkSync('/bin/true', join(folder, 'g++'));
  vi.stubGlobal('fetch', () => Promise.reject(new Error('no network')));
  const { engine, line } = await setUpEngine();
  expect(engine).toBe('tfjs-wasm');
  expect(line).toMatch(/python3: spawn python3 ENOENT; no network|is not offered for/);
  expect(line).not.toContain('\n');
  expect(readdirSync(join(folder, 'cache', 'engine')).filter((name) => !name.endsWith('.failed'))).toEqual([]);
});

test('an engine chosen by hand needs no set-up', async () => {
  vi.stubEnv('JEBENA_ENGINE', 'tfjs-wasm');
  expect(await setUpEngine()).toMatchObject({ engine: 'tfjs-wasm', existing: true });
  expect(readdirSync(folder)).toEqual([]);
});
