import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packModel, recogniserFrom, unpackModel } from '@jebena/decode-looped';
import { readModelFiles } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine';
import { LinearResample } from '@jebena/features';
import { zipSync } from 'fflate';
import { afterAll, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { fillChainFolder, reference, waves } from './support/chain-model.js';

const engine = await createEngine({ engine: 'tfjs-wasm' });
const folder = mkdtempSync(join(tmpdir(), 'jebena-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

testShared('a model comes through one file of bytes and hears samples of a higher rate', async () => {
  const files = readModelFiles(fillChainFolder(folder));
  const packed = packModel(files);
  expect(Buffer.compare(packModel(files), packed)).toBe(0);
  const unpacked = unpackModel(packed);
  const recogniser = recogniserFrom((name) => unpacked.get(name), engine);
  const [key, { sampleRate, channels }] = waves()[0]!;
  const up = new LinearResample(sampleRate, 48000);
  const stream = recogniser.stream(48000);
  await stream.push(up.push(channels[0]!));
  await stream.push(up.flush());
  expect((await stream.finish()).text).toBe(reference().get(key));
  recogniser.dispose();
});

const text = (s: string): Uint8Array => new TextEncoder().encode(s);

test.each([
  ['hello', text('hello'), 'model.zip: expected a zip file of a model'],
  ['a torn zip file', zipSync({ 'final.mdl': text('x'.repeat(99)) }).subarray(0, 60), 'model.zip: expected a zip file'],
  ['another zip file', zipSync({ 'a/notes.txt': text('x') }), 'model.zip: expected one final.mdl in it, found none'],
  [
    'two models',
    zipSync({ 'a/final.mdl': text('x'), 'b/final.mdl': text('x') }),
    'expected one final.mdl in it, found 2',
  ],
])('%s is refused in one line', (_, bytes, message) => {
  expect(() => unpackModel(bytes, 'model.zip')).toThrow(message);
});
