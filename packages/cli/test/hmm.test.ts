import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const bin = resolve(import.meta.dirname, '../bin/jebena.js');
const folder = mkdtempSync(join(tmpdir(), 'jebena-hmm-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** Runs a program in the folder of the reference files. */
function jebena(line: string): { status: number | null; stdout: Buffer; stderr: string } {
  const args = line.split(' ');
  const run = spawnSync(process.execPath, [bin, ...args], { cwd: shared('golden'), maxBuffer: 1 << 28 });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr.toString() };
}
const golden = (name: string): string => readFileSync(shared('golden', name), 'utf8');

testShared.for([
  ['ali-to-pdf hmm/tri.mdl ark,t:hmm/ali.txt ark,t:-', 'hmm/ali.pdf.txt'],
  ['ali-to-phones --per-frame=true hmm/tri.mdl ark,t:hmm/ali.txt ark,t:-', 'hmm/ali.phones.txt'],
  ['ali-to-phones --write-lengths=true hmm/tri.mdl ark,t:hmm/ali.txt ark,t:-', 'hmm/ali.lengths.txt'],
  ['show-transitions hmm/phones.txt hmm/tri.mdl', 'hmm/show-transitions.txt'],
  ['copy-transition-model --binary=false hmm/tri.mdl -', 'hmm/tri.trans_mdl.txt'],
])("%s prints Kaldi's %s", ([line, name]) => {
  const { status, stdout } = jebena(line!);
  expect(status).toBe(0);
  expect(stdout.toString()).toBe(golden(name!));
});

testShared('gen-topo makes the topology', () => {
  const phones = Array.from({ length: 19 }, (_, i) => i + 2).join(':');
  const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
  expect(words(jebena(`gen-topo 3 5 ${phones} 1`).stdout.toString())).toEqual(words(golden('hmm/topo')));
  const chain = jebena(`gen-topo --type=chain ${phones} 1`).stdout.toString();
  expect(
    golden('chain/0.trans_mdl')
      .split('\n')
      .slice(1, 8)
      .map((l) => l.trim()),
  ).toEqual(
    chain
      .split('\n')
      .slice(0, 7)
      .map((l) => l.trim()),
  );
});

testShared('prepare-lang and mkgraph make a lang folder and its graph', () => {
  for (const name of ['dict', 'model']) mkdirSync(at(name), { recursive: true });
  copyFileSync(shared('golden/hmm/lexicon.txt'), at('dict/lexicon.txt'));
  for (const name of ['silence_phones', 'optional_silence']) writeFileSync(at(`dict/${name}.txt`), 'SIL\n');
  expect(jebena(`prepare-lang --position-dependent-phones=false ${at('dict')} !SIL ${at('lang')}`).status).toBe(0);
  for (const name of ['words.txt', 'phones.txt', 'phones/align_lexicon.int', 'phones/disambig.int', 'phones/roots.int'])
    expect(readFileSync(at(`lang/${name}`), 'utf8')).toBe(readFileSync(shared('fsdd/kaldi/lang', name), 'utf8'));
  copyFileSync(shared('golden/hmm/G.fst'), at('lang/G.fst'));
  copyFileSync(shared('golden/hmm/tri.tree'), at('model/tree'));
  copyFileSync(shared('golden/hmm/tri.mdl'), at('model/final.mdl'));
  expect(jebena(`mkgraph ${at('lang')} ${at('model')} ${at('graph')}`).status).toBe(0);
  const size = (path: string): number => readFileSync(path).length;
  expect(size(at('graph/HCLG.fst'))).toBe(size(shared('golden/hmm/tri.HCLG.fst')));
});

testShared('compile-train-graphs goes on after a transcript that the lexicon cannot say', () => {
  writeFileSync(at('text.int'), 'good 10 6\nbad 77\n');
  const lexicon = 'hmm/tri.tree hmm/tri.mdl hmm/L.fst';
  const { status, stderr } = jebena(`compile-train-graphs ${lexicon} ark,t:${at('text.int')} ark:${at('graphs.ark')}`);
  expect(status).toBe(0);
  expect(stderr).toContain(
    'Empty decoding graph for utterance bad: training graph: the lexicon has no way to say words 77',
  );
  expect(stderr).toContain('succeeded for 1 graphs, failed for 1');
});

test('a model that is none is told in one line', () => {
  writeFileSync(at('x.mdl'), 'nonsense');
  const { status, stderr } = spawnSync(process.execPath, [bin, 'ali-to-pdf', at('x.mdl'), 'ark:-', 'ark:-']);
  expect(status).toBe(1);
  expect(stderr.toString()).toMatch(/x\.mdl, byte 0: expected <TransitionModel>, found "nonsense"/);
});
