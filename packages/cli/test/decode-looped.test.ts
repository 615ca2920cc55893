import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KaldiOutput, writeWaveTo } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import { compactLatticeHolder } from '@jebena/wfst';
import { expect } from 'vitest';
import { latticeDifference } from '../../decode/test/support/lattice-difference.js';
import {
  chainFolder,
  fillChainFolder,
  quiet,
  reference,
  waveFolder,
  waves,
} from '../../decode-looped/test/support/chain-model.js';
import { shared, testShared } from '../../../test/support/shared.js';

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

/** Kaldi's lattices, path by path. */
async function sameLattices(ours: string, kaldi: string): Promise<void> {
  const lattices = async (path: string) => new Map(await collect(readTable(compactLatticeHolder, `ark:${path}`)));
  const found = await lattices(ours);
  const expected = await lattices(kaldi);
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [key, lattice] of expected)
    expect([key, latticeDifference(found.get(key)!, lattice, 0.02)]).toEqual([key, undefined]);
}

const golden = (name: string): string => readFileSync(shared('golden', name), 'utf8');

testShared.for([
  [
    'decode',
    '--frame-subsampling-factor=3 --frames-per-chunk=30 --acoustic-scale=1.0',
    'final.mdl',
    'decode/HCLG.fst',
    '',
  ],
  [
    'hybrid',
    '--frames-per-chunk=20 --acoustic-scale=0.1 --allow-partial=true',
    'lstmp.mdl',
    'hmm/tri.HCLG.fst',
    'lstmp.',
  ],
] as const)(
  "nnet3-latgen-faster-looped gives Kaldi's words, alignments and log: %s",
  async ([name, given, model, graph, prefix]) => {
    const file = (kind: string): string => shared('golden', name, kind);
    const [words, ali] = [at(`${name}.words`), at(`${name}.ali`)];
    const search = `${given} --beam=15.0 --lattice-beam=8.0 --max-active=7000 --min-active=200`.split(' ');
    const files = [
      `ark:${shared('golden/decode/feats.ark')}`,
      `ark,t:${at('lat.txt')}`,
      `ark,t:${words}`,
      `ark,t:${ali}`,
    ];
    const run = jebena(['nnet3-latgen-faster-looped', ...search, file(model), shared('golden', graph), ...files]);
    expect(run.status).toBe(0);
    const wordsName = name === 'decode' ? 'words.looped.int' : `${prefix}looped.words.int`;
    const aliName = name === 'decode' ? 'ali.looped.txt' : `${prefix}looped.ali.txt`;
    expect(readFileSync(words, 'utf8')).toBe(golden(`${name}/${wordsName}`));
    expect(readFileSync(ali, 'utf8')).toBe(golden(`${name}/${aliName}`));
    const likes = (log: string): number[] =>
      Array.from(log.matchAll(/Log-like per frame for utterance \S+ is (\S+)/g), (m) => Number(m[1]));
    const expected = likes(golden(`${name}/${name === 'decode' ? 'looped.log' : `${prefix}looped.log`}`));
    expect(expected).toHaveLength(6);
    likes(run.stderr).forEach((like, i) => expect(like).toBeCloseTo(expected[i]!, 3));
    const kaldi = name === 'decode' ? 'lat.looped.txt' : `${prefix}looped.lat.txt`;
    await sameLattices(at('lat.txt'), file(kaldi));
  },
);

testShared("online2-wav-nnet3-latgen-faster gives Kaldi's lattices from the waves", async () => {
  const online = shared('golden/decode/online');
  const search =
    '--chunk-length=0.18 --feature-type=mfcc --frame-subsampling-factor=3 --frames-per-chunk=20 --acoustic-scale=1.0 --beam=15 --lattice-beam=8 --max-active=7000 --min-active=200';
  const table = at('wav.scp');
  const keys = golden('decode/online/wav.scp')
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/)[0]!);
  writeFileSync(table, keys.map((key) => `${key} ${join(online, 'wav', `${key}.wav`)}\n`).join(''));
  const run = jebena([
    'online2-wav-nnet3-latgen-faster',
    ...search.split(' '),
    `--mfcc-config=${join(online, 'mfcc_hires.conf')}`,
    shared('golden/decode/final.mdl'),
    shared('golden/decode/HCLG.fst'),
    `ark:${join(online, 'spk2utt')}`,
    `scp:${table}`,
    `ark,t:${at('online.txt')}`,
  ]);
  expect(run.status).toBe(0);
  await sameLattices(at('online.txt'), join(online, 'lat.txt'));
});

testShared('online2-wav-nnet3-latgen-faster ends where an end point is, and normalises by speaker', () => {
  const [, { channels, sampleRate }] = waves().find(([key]) => key === 'theo-t0001')!;
  const speech = channels[0]!;
  const samples = Float32Array.from([...speech, ...quiet(2 * sampleRate), ...speech]);
  const wave = new KaldiOutput({ binary: true, mark: false });
  writeWaveTo(wave, { sampleRate, channels: [samples] });
  writeFileSync(at('long.wav'), wave.bytes());
  writeFileSync(at('cmvn.conf'), '--norm-means=false\n');
  writeFileSync(at('global.stats'), ` [\n ${'5 '.repeat(40)}10\n ${'40 '.repeat(40)}0 ]\n`);
  const run = (...more: string[]): string =>
    jebena([
      'online2-wav-nnet3-latgen-faster',
      ...'--frame-subsampling-factor=3 --acoustic-scale=1.0 --beam=15 --lattice-beam=8'.split(' '),
      `--mfcc-config=${shared('golden/decode/online/mfcc_hires.conf')}`,
      `--word-symbol-table=${shared('golden/decode/words.txt')}`,
      ...more,
      shared('golden/decode/final.mdl'),
      shared('golden/decode/HCLG.fst'),
      `ark:${at('spk2utt')}`,
      `scp:${at('long.scp')}`,
      'ark:/dev/null',
    ]).stderr;
  writeFileSync(at('spk2utt'), 'theo a b\n');
  writeFileSync(at('long.scp'), `a ${at('long.wav')}\nb ${at('long.wav')}\n`);
  const words = (log: string): string[] => Array.from(log.matchAll(/^[ab] (.*?) *$/gm), (m) => m[1]!);
  const ended = run('--do-endpointing=true', '--endpoint.silence-phones=1');
  expect(words(ended)).toEqual(Array(2).fill('zero seven nine'));
  const both = [`--cmvn-config=${at('cmvn.conf')}`, `--global-cmvn-stats=${at('global.stats')}`];
  expect(words(run(...both))).toEqual(Array(2).fill('zero seven nine zero seven nine'));
  expect(run(both[0]!)).toContain('expected --cmvn-config and --global-cmvn-stats, found one of them');
});

testShared('listen tells what was said before it was interrupted', async () => {
  fillChainFolder(folder);
  const args = [
    bin,
    'listen',
    '--engine=tfjs-wasm',
    '--sample-frequency=8000',
    '--format=json',
    '--partials',
    folder,
    '-',
  ];
  const run = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    const exited = once(run, 'exit');
    const samples = waves().find(([key]) => key === 'theo-t0001')![1].channels[0]!;
    run.stdin.write(new Uint8Array(Int16Array.from([...samples, ...quiet(2400)]).buffer));
    let printed = '';
    let errors = '';
    run.stderr.on('data', (data) => (errors += data));
    for await (const chunk of run.stdout.setEncoding('utf8')) {
      printed += chunk as string;
      // Standard input stays open: nothing ends but by the signal.
      if (printed.includes('zero seven nine') && !run.killed) run.kill('SIGINT');
    }
    expect(errors).toBe('');
    expect((await exited)[0]).toBe(0);
    expect(JSON.parse(printed.trim().split('\n').at(-1)!)).toMatchObject({ text: 'zero seven nine', begin: 0 });
  } finally {
    run.kill('SIGKILL');
  }
});

testShared('serve says where it listens, answers, and ends at a signal', async () => {
  fillChainFolder(folder);
  const args = [bin, 'serve', '--engine=tfjs-wasm', '--port=0', '--grace-seconds=1', folder];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const exited = once(server, 'exit');
    let url: string | undefined;
    let log = '';
    for await (const chunk of server.stderr.setEncoding('utf8')) {
      log += chunk as string;
      url ??= /Listening at (http:\S+)\n/.exec(log)?.[1];
      if (url === undefined || server.killed) continue;
      expect(await (await fetch(`${url}health`)).json()).toEqual({ status: 'ok', sessions: 0 });
      server.kill('SIGTERM');
    }
    expect(log).toContain('Stopping; 0 sessions to wait for');
    expect((await exited)[0]).toBe(0);
  } finally {
    server.kill('SIGKILL');
  }
});
