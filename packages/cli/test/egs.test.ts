import { nnetChainExampleHolder, nnetExampleHolder } from '@jebena/egs';
import { type Holder, readTable } from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const bin = resolve(import.meta.dirname, '../bin/jebena.js');
const folder = mkdtempSync(join(tmpdir(), 'jebena-egs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

function jebena(line: string): { status: number | null; stdout: string; log: string[] } {
  const run = spawnSync(process.execPath, [bin, ...line.split(' ')], { cwd: shared('golden'), maxBuffer: 1 << 28 });
  const log = run.stderr.toString().trim().split('\n');
  return { status: run.status, stdout: run.stdout.toString(), log };
}
const golden = (name: string): Buffer => readFileSync(shared('golden', name));
const plain = (log: string[]): string[] => log.map((l) => l.replace(/^(LOG|WARNING) \([^)]*\) /, ''));
const keys = async (holder: Holder<unknown>, name: string): Promise<string[]> =>
  (await collect(readTable(holder, readFileSync(at(name))))).map(([key]) => key);

testShared('nnet3-get-egs cuts what Kaldi cuts, again the same with the same seed', async () => {
  const command = 'nnet3-get-egs --num-pdfs=120 --num-frames=8 --left-context=4 --right-context=3 --compress=false';
  const run = jebena(`${command} ark:egs/feats.ark ark:egs/post.ark ark:${at('a.ark')}`);
  expect([run.status, ...plain(run.log)]).toEqual([0, ...golden('egs/case1.log').toString().trim().split('\n')]);
  jebena(`${command} ark:egs/feats.ark ark:egs/post.ark ark:${at('b.ark')}`);
  jebena(`${command} --srand=1 ark:egs/feats.ark ark:egs/post.ark ark:${at('c.ark')}`);
  expect(readFileSync(at('b.ark')).equals(readFileSync(at('a.ark')))).toBe(true);
  expect(readFileSync(at('c.ark')).equals(readFileSync(at('a.ark')))).toBe(false);
  expect(await keys(nnetExampleHolder, 'a.ark')).toHaveLength(172);
});

testShared('nnet3-get-egs says what it leaves out, and refuses what cannot be', () => {
  const command = 'nnet3-get-egs --left-context=4 ark:egs/feats.ark ark:egs/post.ark';
  const long = jebena(`${command} ark:${at('l.ark')} --num-pdfs=120 --num-frames=250`);
  expect(plain(long.log).filter((l) => l.includes('too-short'))).not.toEqual([]);
  const wrong = jebena(`${command} ark:${at('w.ark')} --num-pdfs=3 --num-frames=8`);
  expect(wrong.status).toBe(1);
  expect(plain(wrong.log)[0]).toMatch(/^no egs of george-t0000: bad-label: label \d+ where there are 3$/);
  const none = jebena(`${command} ark:${at('n.ark')}`);
  expect([none.status, none.log.at(-1)]).toEqual([
    1,
    'ERROR (nnet3-get-egs) option --num-pdfs: expected the number of pdfs, found none',
  ]);
  expect(existsSync(at('n.ark'))).toBe(false);
});

testShared('the merging programs write and log what Kaldi does', () => {
  const chain = jebena(
    `nnet3-chain-merge-egs --minibatch-size=10=8,4,2,1/140=4,2,1/100=4,2,1/80=4,2,1 ark:chain/egs.ark ark:${at('m.ark')}`,
  );
  expect(chain.status).toBe(0);
  expect(readFileSync(at('m.ark')).length).toBe(golden('chain/merged.ark').length);
  const logged = golden('chain/merge.log').toString().trim().split('\n').slice(1);
  expect(plain(chain.log)).toEqual(logged.map((l) => l.replace(/^LOG \S+ /, '')));

  const simple = jebena(`nnet3-merge-egs --minibatch-size=16 ark:egs/case1.ark ark:${at('s.ark')}`);
  expect(plain(simple.log)).toEqual([
    ...golden('egs/merge1.log')
      .toString()
      .trim()
      .split('\n')
      .map((l) => l.replace(/^LOG \S+ /, '')),
    expect.stringMatching(/^dropped \(--left-over=merge keeps them\): left-over: 12 /),
  ]);
  const kept = jebena(`nnet3-merge-egs --minibatch-size=16 --left-over=merge ark:egs/case1.ark ark:${at('k.ark')}`);
  expect(kept.log[1]).toContain('15={12->1,16->10,d=0}');
  expect(jebena(`nnet3-merge-egs --minibatch-size=9:4 ark:egs/case1.ark ark:${at('e.ark')}`).log).toEqual([
    expect.stringContaining("minibatch rule '9:4': expected sizes such as '64'"),
  ]);
});

testShared('shuffling, drawing a subset and copying keep the examples', async () => {
  const all = (await collect(readTable(nnetExampleHolder, golden('egs/case1.ark')))).map(([key]) => key);
  for (const buffer of [0, 10]) {
    expect(
      jebena(`nnet3-shuffle-egs --buffer-size=${buffer} --srand=2 ark:egs/case1.ark ark:${at('h.ark')}`).status,
    ).toBe(0);
    const shuffled = await keys(nnetExampleHolder, 'h.ark');
    expect(shuffled).not.toEqual(all);
    expect([...shuffled].sort()).toEqual([...all].sort());
  }
  jebena(`nnet3-subset-egs --n=20 --randomize-order=false ark:egs/case1.ark ark:${at('u.ark')}`);
  const subset = await keys(nnetExampleHolder, 'u.ark');
  expect(subset).toHaveLength(20);
  expect(all.filter((key) => subset.includes(key))).toEqual(subset);

  jebena(`nnet3-copy-egs ark:egs/case1.ark ark:${at('x.ark')} ark:${at('y.ark')}`);
  expect((await keys(nnetExampleHolder, 'x.ark')).length + (await keys(nnetExampleHolder, 'y.ark')).length).toBe(172);
  jebena(`nnet3-copy-egs ark:egs/case2.ark ark:${at('z.ark')}`);
  expect(readFileSync(at('z.ark')).equals(golden('egs/case2.ark'))).toBe(true);
  jebena(`nnet3-copy-egs --frame=2 --left-context=2 --right-context=1 ark:egs/case1.ark ark:${at('f.ark')}`);
  const [, one] = (await collect(readTable(nnetExampleHolder, readFileSync(at('f.ark')))))[0]!;
  expect(one.io.map((io) => Array.from(io.indexes.t))).toEqual([[0, 1, 2, 3], [2]]);
});

testShared('chain examples are moved and trimmed', async () => {
  jebena(
    `nnet3-chain-copy-egs --frame-shift=1 --left-context=10 --truncate-deriv-weights=2 ark:chain/egs.ark ark:${at('i.ark')}`,
  );
  const before = await collect(readTable(nnetChainExampleHolder, golden('chain/egs.ark')));
  const after = await collect(readTable(nnetChainExampleHolder, readFileSync(at('i.ark'))));
  for (const [i, [, { inputs, outputs }]] of after.entries()) {
    const old = before[i]![1];
    expect(inputs[0]!.indexes.t[0]).toBe(-10 + 1);
    expect(inputs[0]!.indexes.t.at(-1)).toBe(old.inputs[0]!.indexes.t.at(-1)! + 1);
    expect(outputs[0]!.indexes.t).toEqual(old.outputs[0]!.indexes.t);
    expect(Array.from(outputs[0]!.derivWeights.slice(0, 2))).toEqual([0, 0]);
    expect(outputs[0]!.derivWeights.at(-3)).toBe(old.outputs[0]!.derivWeights.at(-3));
  }
  jebena(`nnet3-chain-subset-egs --n=3 ark:chain/egs.ark ark:${at('j.ark')}`);
  expect(await keys(nnetChainExampleHolder, 'j.ark')).toHaveLength(3);
});

testShared('nnet3-egs-info tells what is in an archive', () => {
  const { stdout } = jebena('nnet3-egs-info ark:chain/merged.ark');
  expect(stdout).toContain('examples 5\nsequences 10\nstructures 5\n');
  expect(stdout).toContain('1 of: input 4 x 167 (t -13:153) x 40 full, output 4 x 47 (t 0:138/3) x 56 chain');
  expect(stdout).toContain("average of 'input' (40 dimensions, t from -13 to 153):");
});
