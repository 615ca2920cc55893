import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadRunState, saveRunState } from '../run-state.js';

const out = mkdtempSync(join(tmpdir(), 'jebena-state-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const fingerprint = { seed: 1, engine: 'tfjs-cpu' };
const state = {
  fingerprint,
  done: 2,
  steps: 40,
  epochs: [],
  seconds: 3.5,
  network: Uint8Array.of(1, 2, 3),
  alignments: new Map([
    ['a', Int32Array.of(1, 2)],
    ['b', Int32Array.of(70000)],
  ]),
  optimizer: { 'l1.linear.mean': Float32Array.of(0.1, -2) },
};

test('what was saved is loaded, and only for the same run', () => {
  expect(loadRunState(out, fingerprint)).toBeUndefined();
  saveRunState(out, state);
  const loaded = loadRunState(out, fingerprint)!;
  expect({ ...loaded, network: Uint8Array.from(loaded.network) }).toEqual(state);
  expect(() => loadRunState(out, { ...fingerprint, seed: 2 })).toThrow(
    "expected a run with seed '2', found one with '1'",
  );
});

test('a torn checkpoint is refused', () => {
  saveRunState(out, state);
  const path = join(out, 'checkpoint.bin');
  writeFileSync(path, readFileSync(path).subarray(0, 100));
  expect(() => loadRunState(out, fingerprint)).toThrow(`${path}: expected`);
});
