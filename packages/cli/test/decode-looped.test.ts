import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import {
  chainFolder,
  fillChainFolder,
  quiet,
  reference,
  waveFolder,
  waves,
} from '../../decode-looped/test/support/chain-model.js';
import { testShared } from '../../../test/support/shared.js';

const bin = resolve(import.meta.dirname, '../bin/jebena.js');
const folder = chainFolder();
const at = (...names: string[]): string => join(folder, ...names);

function jebena(
  args: readonly string[],
  input?: Uint8Array,
): { status: number | null; stdout: string; stderr: string } {
  const run = spawnSync(process.execPath, [bin, ...args, '--engine=tfjs-wasm'], { input });
  return { status: run.status, stdout: run.stdout.toString(), stderr: run.stderr.toString() };
}

testShared('listen prints what files say, with captions, and what raw samples say', () => {
  fillChainFolder(folder);
  const [first, second] = ['george-t0000', 'theo-t0001'].map((name) => join(waveFolder, `${name}.wav`)) as [
    string,
    string,
  ];
  const text = jebena(['listen', folder, first, second]);
  expect(text.stdout).toBe(`${first} ${reference().get('george-t0000')}\n${second} ${reference().get('theo-t0001')}\n`);
  expect(text.stderr).not.toContain('\r');
  const captions = jebena(['listen', '--format=srt', folder, first]).stdout;
  expect(captions).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nzero one nine six\n\n$/);

  const samples = waves().find(([key]) => key === 'theo-t0001')![1].channels[0]!;
  const heard = Int16Array.from([...samples, ...quiet(8000)]);
  const raw = ['listen', '--sample-frequency=8000', '--format=json', '--partials', folder, '-'];
  const { stdout } = jebena(raw, new Uint8Array(heard.buffer));
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ key: '-', text: reference().get('theo-t0001') });
  expect(lines.at(-1).words).toHaveLength(3);
  expect(lines.slice(0, -1).some(({ partial }) => partial === 'zero')).toBe(true);
  const refused = jebena(['listen', '--format=vtt', folder, first, second]);
  expect([refused.status, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toContain('--format=vtt: expected one recording, found 2');
});

testShared('transcribe writes a text for each recording, tells of torn ones, and goes on where it stopped', () => {
  fillChainFolder(folder);
  const [input, output] = [at('in'), at('out')];
  mkdirSync(join(input, 'deep'), { recursive: true });
  copyFileSync(join(waveFolder, 'theo-t0001.wav'), join(input, 'deep', 'a.wav'));
  copyFileSync(join(waveFolder, 'george-t0000.wav'), join(input, 'b.WAV'));
  writeFileSync(join(input, 'torn.wav'), readFileSync(join(waveFolder, 'george-t0000.wav')).subarray(0, 30));
  const run = jebena(['transcribe', folder, input, output]);
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/WARNING \(transcribe\) .*torn\.wav: /);
  expect(run.stderr).toContain('Done 2 recordings, 0 were done before, failed for 1');
  expect(readFileSync(join(output, 'deep', 'a.txt'), 'utf8')).toBe(`${reference().get('theo-t0001')}\n`);
  expect(readFileSync(join(output, 'b.txt'), 'utf8')).toBe(`${reference().get('george-t0000')}\n`);
  expect(existsSync(join(output, 'torn.txt'))).toBe(false);
  rmSync(join(input, 'torn.wav'));
  rmSync(join(output, 'b.txt'));
  writeFileSync(join(output, 'deep', 'a.txt'), 'kept');
  const again = jebena(['transcribe', folder, input, output]);
  expect([again.status, again.stderr]).toEqual([
    0,
    expect.stringContaining('Done 1 recordings, 1 were done before, failed for 0'),
  ]);
  expect(readFileSync(join(output, 'deep', 'a.txt'), 'utf8')).toBe('kept');
  expect(existsSync(join(output, 'b.txt'))).toBe(true);
});
