import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const bin = resolve(import.meta.dirname, '../bin/jebena.js');
const folder = mkdtempSync(join(tmpdir(), 'jebena-io-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

interface Run {
  status: number | null;
  stdout: Buffer;
  stderr: string;
}

/** Runs a program, in the folder of the reference files where it is given, as the script files there expect. */
function jebena(args: string[], { cwd = folder, input = '' as string | Uint8Array } = {}): Run {
  const run = spawnSync(process.execPath, [bin, ...args], { cwd, input, maxBuffer: 1 << 28 });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr.toString() };
}
const golden = { cwd: shared('golden') };
const file = (name: string): Buffer => readFileSync(shared('golden/io', name));

testShared.for([
  ['copy-feats scp:io/mfcc.scp ark:-', 'mfcc.ark'],
  ['copy-feats scp:io/mfcc.scp ark,t:-', 'mfcc.txt'],
  ['copy-feats ark:gunzip\u00a0-c\u00a0io/mfcc.ark.gz| ark:-', 'mfcc.ark'],
  ['copy-feats ark:cat\u00a0io/mfcc.ark| ark:-', 'mfcc.ark'],
  ['copy-feats --compress=true --compression-method=5 scp:io/mfcc.scp ark:-', 'mfcc.cm5.ark'],
  ['copy-feats ark:io/mfcc.cm5.ark ark,t:-', 'mfcc.cm5.txt'],
  ['copy-matrix ark:io/cmvn.ark ark,t:-', 'cmvn.txt'],
  ['copy-matrix --scale=0.5 scp:io/mfcc.scp ark:-', 'matrix_half.ark'],
  ['copy-feats scp:io/ranges.scp ark,t:-', 'ranges.txt'],
  ['copy-int-vector ark,t:io/intvec.txt ark:-', 'intvec.ark'],
  ['copy-vector ark,t:io/vec.txt ark:-', 'vec.ark'],
  ['copy-vector ark,t:io/vec.txt ark,t:-', 'vec.out.txt'],
  ['copy-post ark,t:io/post.txt ark:-', 'post.ark'],
] as const)('%s', ([command, expected]: readonly [string, string]) => {
  const run = jebena(
    command.split(' ').map((word) => word.replaceAll('\u00a0', ' ')),
    golden,
  );
  expect(run.stderr).toMatch(/^LOG/);
  expect([run.status, run.stdout.equals(file(expected))]).toEqual([0, true]);
});

testShared('an archive and its script are written together', () => {
  const run = jebena(['copy-feats', 'scp:io/mfcc.scp', `ark,scp:${at('a.ark')},${at('a.scp')}`], golden);
  expect(run.status).toBe(0);
  expect(readFileSync(at('a.ark'))).toEqual(file('mfcc.ark'));
  expect(readFileSync(at('a.scp'), 'utf8')).toBe(file('mfcc.scp').toString().replaceAll('io/mfcc.ark', at('a.ark')));
});

testShared('lengths, dimensions and sums', () => {
  expect(jebena(['feat-to-len', 'scp:io/mfcc.scp'], golden).stdout.toString()).toBe('114\n');
  expect(jebena(['feat-to-len', 'scp:io/mfcc.scp', 'ark,t:-'], golden).stdout.toString()).toBe(
    '3_jackson_7 47 \n7_theo_12 23 \n0_george_33 44 \n',
  );
  expect(jebena(['feat-to-dim', 'scp:io/mfcc.scp', '-'], golden).stdout.toString()).toBe('13\n');
  const sum = jebena(['matrix-sum', '--binary=false', 'ark:feat/cmvn_spk.ark', '-'], golden);
  expect(sum.stdout.toString()).toBe(readFileSync(shared('golden/feat/global_cmvn.txt'), 'utf8'));
});

testShared('waves: copied to the byte, measured and cut', () => {
  const wave = readFileSync(shared('golden/wav/3_jackson_7.wav'));
  expect(jebena(['wav-copy', 'wav/3_jackson_7.wav', '-'], golden).stdout.equals(wave)).toBe(true);
  const durations = jebena(['wav-to-duration', 'scp:wav.scp', 'ark,t:-'], golden);
  expect(durations.stdout.toString()).toMatch(/^3_jackson_7 0\.48875 \n/);
  const counted = jebena(['wav-to-duration', '--read-entire-file', 'scp:wav.scp', 'ark,t:-'], golden);
  expect(counted.stdout).toEqual(durations.stdout);
  writeFileSync(at('segments'), 'a 3_jackson_7 0.1 0.3\nb 3_jackson_7 0.3 -1\nc nobody 0 1\nd 3_jackson_7 0 0.05\n');
  const cut = jebena(['extract-segments', 'scp:wav.scp', at('segments'), `ark:${at('cut.ark')}`], golden);
  expect(cut.stderr).toContain('Successfully processed 2 lines out of 4');
  const lengths = jebena(['wav-to-duration', `ark:${at('cut.ark')}`, 'ark,t:-']).stdout.toString();
  expect(lengths).toBe('a 0.2 \nb 0.18875 \n');
});

test('rows are cut out of features', () => {
  writeFileSync(at('rows'), 'bar foo 0 2\n');
  const run = jebena(['extract-rows', at('rows'), 'ark:-', 'ark,t:-'], { input: 'foo [ 1; 2; 3; 4 ]\n' });
  expect([run.status, run.stdout.toString()]).toEqual([0, 'bar  [\n  1 \n  2 ]\n']);
});

test('alignments become posteriors and those weights', () => {
  const posteriors = jebena(['ali-to-post', 'ark:-', 'ark,t:-'], { input: 'a 3 3 5\nb\n' });
  expect(posteriors.stdout.toString()).toBe('a [ 3 1 ] [ 3 1 ] [ 5 1 ] \nb \n');
  const weights = jebena(['post-to-weights', 'ark:-', 'ark,t:-'], { input: 'a [ 3 0.5 4 0.25 ] [ ] \n' });
  expect(weights.stdout.toString()).toBe('a  [ 0.75 0 ]\n');
  const scaled = jebena(['copy-post', '--scale=0.5', 'ark:-', 'ark,t:-'], { input: 'a [ 3 1 4 1 ] [ ] \n' });
  expect(scaled.stdout.toString()).toBe('a [ 3 0.5 4 0.5 ] [ ] \n');
});

test('a subset by count and by name', () => {
  const input = 'a [ 1 ]\nb [ 2 ]\nc [ 3 ]\n';
  writeFileSync(at('list'), 'b x\n');
  const keys = (...options: string[]): string =>
    jebena(['subset-feats', ...options, 'ark:-', 'ark,t:-'], { input })
      .stdout.toString()
      .replace(/ .*\n.*\n/g, '');
  expect([keys('--n=2'), keys(`--include=${at('list')}`), keys(`--exclude=${at('list')}`)]).toEqual(['ab', 'b', 'ac']);
});

test('single files', () => {
  writeFileSync(at('v.txt'), '[ 1 2 3 ]\n');
  expect(jebena(['copy-vector', '--binary=false', '--change-dim=2', at('v.txt'), '-']).stdout.toString()).toBe(
    ' [ 1 2 ]\n',
  );
  writeFileSync(at('i.txt'), '[ 1 2 3 ]\n');
  expect(jebena(['copy-int-vector', '--binary=false', at('i.txt'), '-']).stdout.toString()).toBe('[ 1 2 3 ]\n');
  writeFileSync(at('m.txt'), '[ 0 1\n 2 3 ]\n');
  const exp = jebena(['copy-matrix', '--binary=false', '--apply-softmax-per-row', at('m.txt'), '-']).stdout.toString();
  expect(exp).toBe(' [\n  0.2689414 0.7310586 \n  0.2689414 0.7310586 ]\n');
});

test('what fails says so in one line, and leaves nothing half-written', () => {
  writeFileSync(at('torn.ark'), 'a [ 1 2\n 3 ]\n');
  const torn = jebena(['copy-feats', `ark:${at('torn.ark')}`, `ark,scp:${at('out.ark')},${at('out.scp')}`]);
  expect(torn.status).toBe(1);
  expect(torn.stderr).toBe(
    `ERROR (copy-feats) ${at('torn.ark')}, key 'a', byte 12: expected 2 values in row 1, found 1\n`,
  );
  expect(existsSync(at('out.ark'))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  const missing = jebena(['copy-feats', 'scp:nowhere.scp', 'ark:-']);
  expect(missing.stderr).toBe('ERROR (copy-feats) nowhere.scp: expected a file, found no such file or folder\n');
  expect(jebena(['copy-feats', 'ark:false|', 'ark:-']).stderr).toContain('exit status 1');
});

test('a data directory is made, checked and repaired', () => {
  writeFileSync(at('1.wav'), '');
  writeFileSync(at('m.jsonl'), '{"audio": "1.wav", "text": "one", "speaker": "ann"}\n');
  const made = jebena(['make-data-dir', at('m.jsonl'), at('data')]);
  expect(made.stderr).toContain('Wrote utt2spk spk2utt wav.scp text of 1 utterances');
  const checked = jebena(['validate-data-dir', '--no-feats', at('data')]);
  expect([checked.status, checked.stdout.toString()]).toEqual([
    0,
    `validate-data-dir: Successfully validated data-directory ${at('data')}\n`,
  ]);
  writeFileSync(at('data/text'), 'nobody x\nann-1 one\n');
  const broken = jebena(['validate-data-dir', '--no-feats', at('data')]);
  expect([broken.status, broken.stderr.split('\n').length]).toEqual([1, 3]);
  expect(jebena(['fix-data-dir', at('data')]).stdout.toString()).toContain('kept all 1 utterances');
  expect(jebena(['validate-data-dir', '--no-feats', at('data')]).status).toBe(0);
});
