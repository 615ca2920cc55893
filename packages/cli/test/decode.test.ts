import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const bin = resolve(import.meta.dirname, '../bin/jebena.js');
const folder = mkdtempSync(join(tmpdir(), 'jebena-decode-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

function jebena(line: string): { status: number | null; stdout: string; stderr: string } {
  const run = spawnSync(process.execPath, [bin, ...line.split(' ')], { cwd: shared('golden'), maxBuffer: 1 << 28 });
  return { status: run.status, stdout: run.stdout.toString(), stderr: run.stderr.toString() };
}
const golden = (name: string): string => readFileSync(shared('golden', name), 'utf8');

/** Both have the same fields, numbers to within a tolerance. */
function expectClose(ours: string, kaldi: string, tolerance: number = 1e-3): void {
  const fields = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
  const [a, b] = [fields(ours), fields(kaldi)];
  expect(a.length).toBe(b.length);
  a.forEach((field, i) => {
    if (field === b[i]) return;
    expect(Math.abs(Number(field) - Number(b[i])), `${field} against ${b[i]}`).toBeLessThan(tolerance);
  });
}

testShared('latgen-faster-mapped writes words, alignments and the log', () => {
  const options = '--acoustic-scale=1.0 --beam=15.0 --lattice-beam=8.0 --max-active=7000 --allow-partial=true';
  const [words, alignments] = [at('words'), at('ali')];
  const files = `decode/final.mdl decode/HCLG.fst ark:noisy/loglikes.ark ark:${at('lat.ark')} ark,t:${words} ark,t:${alignments}`;
  const { status, stderr } = jebena(`latgen-faster-mapped ${options} ${files}`);
  expect(status).toBe(0);
  expect(readFileSync(words, 'utf8')).toBe(golden('noisy/words.int'));
  expect(readFileSync(alignments, 'utf8')).toBe(golden('noisy/ali.txt'));
  const likes = (log: string): string[] => log.match(/Log-like per frame for utterance .*/g)!;
  expect(likes(stderr)).toEqual(likes(golden('noisy/latgen.log')));
  expectClose(jebena(`lattice-to-nbest --n=10 ark:${at('lat.ark')} ark:${at('nbest.ark')}`).stdout, '');
  jebena(`nbest-to-linear ark:${at('nbest.ark')} ark:/dev/null ark,t:${at('nw')} ark,t:${at('lm')} ark,t:${at('ac')}`);
  expect(readFileSync(at('nw'), 'utf8')).toBe(golden('noisy/nbest.words.txt'));
  expectClose(readFileSync(at('lm'), 'utf8'), golden('noisy/nbest.lm.txt'));
  expectClose(readFileSync(at('ac'), 'utf8'), golden('noisy/nbest.ac.txt'));
});

testShared.for([
  ['lattice-to-post --acoustic-scale=0.5 ark:noisy/lat.ark ark,t:-', 'noisy/lat.post.txt'],
  ['lattice-mbr-decode --acoustic-scale=0.3 ark:noisy/lat.ark ark,t:-', 'noisy/mbr.txt'],
  ['compute-wer --text --mode=present ark:decode/wer.ref ark:decode/wer.hyp', 'decode/wer.out'],
])('%s prints %s', ([line, name]) => {
  const { status, stdout } = jebena(line!);
  expect(status).toBe(0);
  expectClose(stdout, golden(name!));
});

testShared('words are aligned by a lexicon, and written as ctm', () => {
  const lexicon = shared('fsdd/kaldi/lang/phones/align_lexicon.int');
  jebena(`lattice-1best ark:decode/lat.ark ark:${at('1.ark')}`);
  expect(
    jebena(`lattice-align-words-lexicon ${lexicon} decode/final.mdl ark:${at('1.ark')} ark:${at('al.ark')}`).status,
  ).toBe(0);
  const ctm = jebena(`nbest-to-ctm ark:${at('al.ark')} -`)
    .stdout.trim()
    .split('\n')
    .map((l) => l.split(' '));
  const words = golden('decode/words.txt.int')
    .trim()
    .split('\n')
    .flatMap((l) => l.trim().split(' ').slice(1));
  expect(ctm.map((fields) => fields[4])).toEqual(words);
  let [key, end] = ['', 0];
  for (const [utterance, , start, duration] of ctm as [string, string, string, string][]) {
    if (utterance !== key) [key, end] = [utterance, 0];
    expect(Number(start)).toBeGreaterThanOrEqual(end - 1e-6);
    expect(Number(duration)).toBeGreaterThan(0);
    end = Number(start) + Number(duration);
  }
});

testShared('frame accuracy is logged', () => {
  const files = 'hybrid/tdnn.mdl ark,t:hmm/ali.txt ark:noisy/tri.lat.ark ark:/dev/null';
  const { stderr } = jebena(`lattice-to-smbr-post --acoustic-scale=0.1 --silence-phones=1 ${files}`);
  expect(stderr).toContain('Overall average frame-accuracy is 0.20607 over 1367 frames.');
});

testShared('one bad lattice does not stop the others', () => {
  writeFileSync(
    at('bad.txt'),
    'torn \n0 1 1 1,1,3_4\n0 2 2 1,1,3\n1 2 3 1,1,5\n2 0,0,\n\nfine \n0 1 1 1,1,3_4\n1 0,0,\n\n',
  );
  const { status, stdout, stderr } = jebena(`lattice-to-post ark:${at('bad.txt')} ark,t:-`);
  expect(status).toBe(0);
  expect(stdout).toBe('fine [ 3 1 ] [ 4 1 ] \n');
  expect(stderr).toMatch(/WARNING \(lattice-to-post\) torn: lattice: state 2 stands at frame/);
});

testShared('nnet3-latgen-faster and nnet3-align-compiled run the network themselves', () => {
  const engine = '--engine=tfjs-wasm --frames-per-chunk=50 --acoustic-scale=0.1';
  const files = `hybrid/tdnn.mdl hmm/tri.HCLG.fst ark:decode/feats.ark ark:${at('h.ark')} ark,t:${at('hw')} ark,t:${at('ha')}`;
  const { status, stderr } = jebena(`nnet3-latgen-faster ${engine} --beam=15 --lattice-beam=8 ${files}`);
  expect(status).toBe(0);
  expect(readFileSync(at('hw'), 'utf8')).toBe(golden('hybrid/tdnn.words.int'));
  expect(readFileSync(at('ha'), 'utf8')).toBe(golden('hybrid/tdnn.ali.txt'));
  const likes = (log: string): string => log.match(/Log-like per frame for utterance .*/g)!.join('\n');
  expectClose(likes(stderr), likes(golden('hybrid/tdnn.log')));
  const graphs = 'hybrid/tdnn.mdl ark:hmm/train_graphs.ark ark:decode/feats.ark';
  expect(jebena(`nnet3-align-compiled ${engine} --self-loop-scale=0.1 ${graphs} ark,t:${at('forced')}`).status).toBe(0);
  // The network's alignment and the GMM's put nearly all frames in the same phones.
  jebena(`ali-to-phones --per-frame=true hybrid/tdnn.mdl ark,t:${at('forced')} ark,t:${at('phones')}`);
  const [ours, kaldi] = [readFileSync(at('phones'), 'utf8'), golden('hmm/ali.phones.txt')].map((t) =>
    t.trim().split(/\s+/),
  );
  expect(ours!.length).toBe(kaldi!.length);
  expect(ours!.filter((phone, i) => phone === kaldi![i]).length / kaldi!.length).toBeGreaterThan(0.85);
});

testShared('score prints speakers and alignments and writes a page', () => {
  writeFileSync(at('utt2spk'), 'u1 s1\nu2 s2\nu3 s1\n');
  const options = `--utt2spk=ark:${at('utt2spk')} --per-utt=true --report=${at('page.html')}`;
  const { status, stdout } = jebena(`score ${options} ark:decode/wer.ref ark:decode/wer.hyp`);
  expect(status).toBe(0);
  expect(stdout.startsWith(golden('decode/wer.out').split('\n').slice(0, 2).join('\n'))).toBe(true);
  expect(stdout).toMatch(/^s1 +2 +4 /m);
  expect(readFileSync(at('page.html'), 'utf8')).toContain('%WER 50.00 [ 3 / 6, 1 ins, 1 del, 1 sub ]');
});
