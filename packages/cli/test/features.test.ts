import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { main } from '@jebena/cli';
import { type AnyMatrix, anyMatrixHolder, htkHolder, waveHolder } from '@jebena/io-ark';
import { readObject, readTable, writeObject } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import { afterAll, expect, test, vi } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';
import { expectClose } from '../../features/test/support/close.js';

const bin = resolve(import.meta.dirname, '../bin/jebena.js');
const folder = mkdtempSync(join(tmpdir(), 'jebena-features-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** Runs a program in the folder of the reference files, as the scripts there expect, within this process. */
async function jebena(...args: string[]): Promise<{ status: number; stderr: string }> {
  const here = process.cwd();
  let stderr = '';
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  process.chdir(shared('golden'));
  try {
    const status = await main(args);
    return { status, stderr };
  } finally {
    process.chdir(here);
    write.mockRestore();
    process.stdout.removeAllListeners('error');
  }
}

const matrices = (path: string): Promise<(readonly [string, AnyMatrix])[]> =>
  collect(readTable(anyMatrixHolder, `ark:${path}`));

// The commands of golden/COMMANDS.md; the last argument there is the file compared with.
const commands = [
  'compute-mfcc-feats --dither=0 --sample-frequency=8000 scp:wav.scp ark:feat/mfcc.ark',
  'compute-fbank-feats --dither=0 --num-mel-bins=80 scp:wav16.scp ark:feat/fbank80_16k.ark',
  'compute-plp-feats --dither=0 --sample-frequency=8000 scp:wav.scp ark:feat/plp.ark',
  'compute-spectrogram-feats --dither=0 --sample-frequency=8000 scp:wav.scp ark:feat/spectrogram.ark',
  'compute-kaldi-pitch-feats --sample-frequency=8000 scp:wav.scp ark:feat/pitch.ark',
  'process-kaldi-pitch-feats --add-raw-log-pitch=true --delta-pitch-noise-stddev=0 ark:feat/pitch.ark ark:feat/pitch_processed.ark',
  'compute-mfcc-feats --dither=0 --sample-frequency=8000 --vtln-map=ark:feat/vtln.map --vtln-low=60 --vtln-high=3600 scp:wav.scp ark:feat/mfcc_vtln.ark',
  'compute-fbank-feats --dither=0 --sample-frequency=8000 --channel=1 scp:stereo.scp ark:feat/fbank_ch1.ark',
  'add-deltas --delta-order=3 --delta-window=3 ark:feat/mfcc.ark ark:feat/mfcc_deltas3.ark',
  'splice-feats --left-context=3 --right-context=2 ark:feat/mfcc.ark ark:feat/mfcc_splice.ark',
  'compute-cmvn-stats --spk2utt=ark:spk2utt ark:feat/mfcc.ark ark:feat/cmvn_spk.ark',
  'apply-cmvn --norm-vars=true --utt2spk=ark:utt2spk ark:feat/cmvn_spk.ark ark:feat/mfcc.ark ark:feat/mfcc_cmvn.ark',
  'apply-cmvn-sliding --cmn-window=20 --min-cmn-window=10 --center=true --norm-vars=true ark:feat/mfcc.ark ark:feat/mfcc_cmvn_sliding.ark',
  'apply-cmvn-online --spk2utt=ark:spk2utt feat/global_cmvn.txt ark:feat/mfcc.ark ark:feat/mfcc_cmvn_online.ark',
  'subsample-feats --n=3 ark:feat/mfcc.ark ark:feat/mfcc_sub3.ark',
  'paste-feats ark:feat/mfcc.ark ark:feat/pitch_processed.ark ark:feat/mfcc_pitch.ark',
];

for (const command of commands)
  testShared(command, async () => {
    const words = command.split(' ');
    const golden = words.pop()!.slice('ark:'.length);
    const run = await jebena(...words, `ark:${at('out.ark')}`);
    expect([run.status, run.stderr]).toEqual([0, expect.stringMatching(/^LOG/)]);
    const found = await matrices(at('out.ark'));
    const wanted = await matrices(shared('golden', golden));
    expect(found.map(([key]) => key)).toEqual(wanted.map(([key]) => key));
    found.forEach(([, matrix], i) => {
      expectClose(matrix, wanted[i]![1]);
      expect(matrix.data.constructor).toBe(wanted[i]![1].data.constructor);
    });
  });

testShared('frames with voice, by energy', async () => {
  expect(await jebena('compute-vad', 'ark:feat/mfcc.ark', `ark:${at('vad.ark')}`)).toMatchObject({ status: 0 });
  const kept = ['select-voiced-frames', 'ark:feat/mfcc.ark', `ark:${at('vad.ark')}`, `ark:${at('voiced.ark')}`];
  expect(await jebena(...kept)).toMatchObject({ status: 0 });
  const all = new Map(await matrices(shared('golden', 'feat/mfcc.ark')));
  for (const [key, { rows, cols, data }] of await matrices(at('voiced.ark'))) {
    const whole = all.get(key)!;
    const energies = Array.from({ length: whole.rows }, (_, t) => Number(whole.data[t * cols]));
    const threshold = 5 + (0.5 * energies.reduce((a, b) => a + b)) / energies.length;
    const loud = energies.filter((energy) => energy > threshold);
    expect(rows).toBe(loud.length);
    expect(Array.from({ length: rows }, (_, t) => Number(data[t * cols]))).toEqual(loud);
  }
});

testShared('selecting and transforming', async () => {
  expect(await jebena('select-feats', '0,12-11', 'ark:feat/mfcc.ark', `ark:${at('s.ark')}`)).toMatchObject({
    status: 0,
  });
  writeFileSync(at('t.mat'), '[ 1 0 0 10\n 0 1 1 0 ]\n');
  expect(await jebena('transform-feats', at('t.mat'), `ark:${at('s.ark')}`, `ark:${at('t.ark')}`)).toMatchObject({
    status: 0,
  });
  const [[, feats]] = (await matrices(shared('golden/feat/mfcc.ark'))) as [[string, AnyMatrix]];
  const [[, found]] = (await matrices(at('t.ark'))) as [[string, AnyMatrix]];
  expect(found.data[0]).toBeCloseTo(feats.data[0]! + 10, 4);
  expect(found.data[1]).toBeCloseTo(feats.data[12]! + feats.data[11]!, 4);
});

testShared('global statistics, durations and HTK files', async () => {
  expect(await jebena('compute-cmvn-stats', '--binary=false', 'ark:feat/mfcc.ark', at('g.txt'))).toMatchObject({
    status: 0,
  });
  expectClose(
    await readObject(anyMatrixHolder, at('g.txt')),
    await readObject(anyMatrixHolder, shared('golden/feat/global_cmvn.txt')),
    1e-6,
  );
  writeFileSync(at('htk.scp'), `3_jackson_7 ${at('3.htk')}\n7_theo_12 ${at('7.htk')}\n0_george_33 ${at('0.htk')}\n`);
  const options = ['--dither=0', '--sample-frequency=8000', '--output-format=htk'];
  const durations = `--write-utt2dur=ark,t:${at('utt2dur')}`;
  const run = await jebena('compute-mfcc-feats', ...options, durations, 'scp:wav.scp', `scp:${at('htk.scp')}`);
  expect(run).toMatchObject({ status: 0 });
  const { feats, parameterKind } = await readObject(htkHolder, at('7.htk'));
  expect([feats.rows, feats.cols, parameterKind]).toEqual([23, 13, 0o106]);
  expect(readFileSync(at('utt2dur'), 'utf8')).toMatch(/^3_jackson_7 0\.\d+\s*\n7_theo_12 /);
});

testShared('wav-reverberate', async () => {
  const wave = { sampleRate: 8000, channels: [Float32Array.from({ length: 400 }, (_, n) => 1000 * Math.sin(n / 5))] };
  const response = { sampleRate: 8000, channels: [Float32Array.of(0, 0, 16384, 8192)] };
  await writeObject(waveHolder, at('clean.wav'), wave);
  await writeObject(waveHolder, at('rir.wav'), response);
  const read = async (...options: string[]): Promise<Float32Array> => {
    const run = await jebena('wav-reverberate', ...options, at('clean.wav'), at('out.wav'));
    expect(run).toEqual({ status: 0, stderr: '' });
    return (await readObject(waveHolder, at('out.wav'))).channels[0]!;
  };
  const rir = `--impulse-response=${at('rir.wav')}`;
  const plain = await read(rir, '--volume=1');
  plain.forEach((x, n) => {
    const [now, before] = [wave.channels[0]![n]!, wave.channels[0]![n - 1] ?? 0];
    expect(Math.abs(x - (0.5 * now + 0.25 * before))).toBeLessThanOrEqual(2);
  });
  expect(await read(rir, '--shift-output=false')).toHaveLength(403);
  expect(await read(rir, '--duration=0.1')).toHaveLength(800);
  const noisy = await read(`--additive-signals=${at('clean.wav')}`, '--snrs=0', '--start-times=0.025', '--volume=1');
  expect(Math.abs(noisy[300]! - wave.channels[0]![300]! - wave.channels[0]![100]!)).toBeLessThanOrEqual(3);
  const torn = await jebena('wav-reverberate', `--additive-signals=a.wav`, '--snrs=1,2', at('clean.wav'), at('o.wav'));
  expect(torn.status).toBe(1);
});

testShared('what does not fit is left out with a warning, and nothing done is exit code 1', async () => {
  const run = await jebena('compute-mfcc-feats', 'scp:wav.scp', `ark:${at('x.ark')}`);
  expect(run.status).toBe(1);
  expect(run.stderr).toContain(
    'WARNING (compute-mfcc-feats) Failed to compute features for utterance 3_jackson_7: expected a wave of 16000 Hz, found one of 8000 Hz',
  );
  expect(
    await jebena('paste-feats', 'ark:feat/mfcc.ark', 'ark:feat/mfcc_sub3.ark', `ark:${at('x.ark')}`),
  ).toMatchObject({ status: 1 });
});

test('options that cannot be are refused in one line', () => {
  const run = spawnSync(process.execPath, [bin, 'compute-fbank-feats', '--window-type=round', 'scp:a', 'ark:b']);
  expect(run.stderr.toString()).toMatch(/^ERROR \(compute-fbank-feats\) option 'windowType': expected one of/);
  expect(run.status).toBe(1);
});
