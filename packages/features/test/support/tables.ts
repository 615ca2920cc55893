import { readFileSync } from 'node:fs';
import { type AnyMatrix, KaldiInput } from '@jebena/io-ark';
import type { Wave } from '@jebena/features';
import { shared } from '../../../../test/support/shared.js';

/** Every matrix of a binary archive among the reference files. */
export function goldenArk(name: string): Map<string, AnyMatrix> {
  const bytes = new Uint8Array(readFileSync(shared('golden', name)));
  const entries = new Map<string, AnyMatrix>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const key = new TextDecoder().decode(bytes.subarray(at, space));
    const input = new KaldiInput(bytes.subarray(space + 1), { path: name, key });
    entries.set(key, input.readAnyMatrix());
    at = space + 1 + input.offset;
  }
  return entries;
}

/** The waves of a list among the reference files. */
export function goldenWaves(scp: string): [string, Wave][] {
  return readFileSync(shared('golden', scp), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string])
    .map(([key, path]) => [key, wave16(readFileSync(shared('golden', path)))]);
}

/** The channels of a RIFF file of 16-bit samples with the plain 44-byte header. */
function wave16(bytes: Uint8Array): Wave {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(22, true);
  const length = view.getUint32(40, true) / (2 * count);
  const channel = (c: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => view.getInt16(44 + 2 * (i * count + c), true));
  return { sampleRate: view.getUint32(24, true), channels: Array.from({ length: count }, (_, c) => channel(c)) };
}
