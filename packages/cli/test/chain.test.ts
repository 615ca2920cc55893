import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@jebena/cli';
import { nnetChainExampleHolder } from '@jebena/egs';
import { readTable } from '@jebena/io-ark/node';
import { equivalent, readFst } from '@jebena/wfst';
import { afterAll, expect, vi } from 'vitest';
import { shared, testShared as test } from '../../../test/support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-chain-'));
afterAll(() => rmSync(folder, { recursive: true }));
const golden = (name: string): string => shared('golden/chain', name);

/** Runs a program as the command line does; its exit code and what it logged. */
async function jebena(...argv: string[]): Promise<{ code: number; log: string }> {
  let log = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((log += String(text)), true));
  try {
    return { code: await main(argv), log };
  } finally {
    spy.mockRestore();
  }
}

/** The numbers after the word `is` in lines about an output. */
const numbers = (log: string, output: string): number[] => {
  const text = new RegExp(`^.*(?:Overall).*'${output}' is (.*) over`, 'm').exec(log)![1]!;
  return (text.match(/-?\d[\d.e-]*/g) ?? []).map(Number);
};

test('nnet3-chain-compute-prob prints what Kaldi prints', async () => {
  const args = [golden('model.raw'), golden('den.fst'), `ark:${golden('merged.ark')}`];
  const settings = {
    'prob.txt': ['--l2-regularize=0.0', '--leaky-hmm-coefficient=0.1', '--xent-regularize=0.1'],
    'prob2.txt': ['--l2-regularize=0.0005', '--leaky-hmm-coefficient=1e-5', '--xent-regularize=0.0'],
  };
  for (const [file, options] of Object.entries(settings)) {
    const { code, log } = await jebena('nnet3-chain-compute-prob', '--engine=tfjs-wasm', ...options, ...args);
    expect(code).toBe(0);
    const theirs = readFileSync(golden(file), 'utf8');
    for (const [, output] of theirs.matchAll(/for '(.*?)'/g)) {
      const wanted = numbers(theirs, output!);
      const found = numbers(log, output!);
      expect(found.length).toBe(wanted.length);
      wanted.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-4));
    }
    expect(log).toContain('per frame, over 397 frames.');
  }
});

test('nnet3-chain-train prints what scripts look for and writes a model', async () => {
  const out = join(folder, 'out.raw');
  const { code, log } = await jebena(
    'nnet3-chain-train',
    '--engine=tfjs-wasm',
    '--apply-deriv-weights=False',
    '--leaky-hmm-coefficient=0.1',
    '--xent-regularize=0.1',
    '--l2-regularize-factor=0.5',
    '--print-interval=2',
    golden('free.raw'),
    golden('den.fst'),
    `ark:${golden('merged.ark')}`,
    out,
  );
  expect(code).toBe(0);
  expect(existsSync(out)).toBe(true);
  const theirs = readFileSync(golden('train.log'), 'utf8');
  for (const output of ['output', 'output-xent'])
    expect(numbers(log, output)[0]).toBeCloseTo(numbers(theirs, output)[0]!, 3);
  expect(log).toContain("for 'output' for minibatches 4-4 is ");
  expect(log).toMatch(/\[this line is to be parsed by a script:\] log-prob-per-frame=-0\.0\d+/);
});

test('chain-est-phone-lm and chain-make-den-fst write graphs', async () => {
  const [lm, den, normalization, phones] = ['lm.fst', 'den.fst', 'norm.fst', 'phones.txt'].map((n) => join(folder, n));
  writeFileSync(phones!, 'a 1 7 3 13 1\nb 1 6 15 1\nc 1 7 4 18 1\n');
  expect((await jebena('chain-est-phone-lm', '--num-extra-lm-states=2', `ark:${phones}`, lm!)).code).toBe(0);
  const args = [golden('tree'), golden('0.trans_mdl'), lm!, den!, normalization!];
  const { code, log } = await jebena('chain-make-den-fst', ...args);
  expect(code).toBe(0);
  const [made, scaled] = [den!, normalization!].map((path) => readFst(readFileSync(path)));
  expect(log).toContain(`${made!.numStates} states and ${made!.numArcs} arcs`);
  expect(made!.ilabel.includes(0)).toBe(false);
  expect(scaled!.final.every((cost) => cost < Infinity)).toBe(true);
  expect((await jebena('chain-est-phone-lm', 'ark:/dev/null', join(folder, 'none.fst'))).code).not.toBe(0);
  expect(existsSync(join(folder, 'none.fst'))).toBe(false);
});

test('nnet3-chain-normalize-egs weighs numerators as Kaldi does', async () => {
  const out = join(folder, 'normalized.ark');
  const args = [golden('normalization.fst'), `ark:${golden('egs.ark')}`, `ark:${out}`];
  expect((await jebena('nnet3-chain-normalize-egs', ...args)).code).toBe(0);
  const [before, theirs] = ['egs.ark', 'egs.normalized.ark'].map((name) =>
    readTable(nnetChainExampleHolder, `ark:${golden(name)}`)[Symbol.asyncIterator](),
  );
  for await (const [key, example] of readTable(nnetChainExampleHolder, `ark:${out}`)) {
    const [wantedKey, wanted] = (await theirs!.next()).value!;
    expect(key).toBe(wantedKey);
    const [a, b] = [example, wanted].map((one) => one.outputs[0]!.supervision.fst!);
    expect(a!.numStates).toBeLessThanOrEqual(b!.numStates);
    const [, unweighted] = (await before!.next()).value!;
    expect(equivalent(unweighted.outputs[0]!.supervision.fst!, b!, { delta: 0.01 })).toBe(false);
    expect(equivalent(a!, b!, { delta: 0.01 })).toBe(true);
  }
  expect((await theirs!.next()).done).toBe(true);
});

test('chain-get-supervision and nnet3-chain-get-egs make examples of alignments and of lattices', async () => {
  const [phones, supervision, feats, egs] = ['lengths.txt', 'sup.ark', 'feats.ark', 'egs.ark'].map((n) =>
    join(folder, n),
  );
  writeFileSync(phones!, 'a 1 30 ; 7 50 ; 3 40 ; 13 30 ; 1 30\nshort 1 2 ; 7 1 ; 3 1 ; 4 1 ; 1 1\n');
  const made = await jebena(
    'chain-get-supervision',
    '--frame-subsampling-factor=3',
    golden('tree'),
    golden('0.trans_mdl'),
    `ark:${phones}`,
    `ark:${supervision}`,
  );
  expect(made.log).toContain('short: supervision: the phones do not fit in 2 output frames');
  expect(made.log).toContain('for 1 utterances, errors on 1');
  expect(made.code).toBe(1);
  const row = ' 1 2\n';
  writeFileSync(feats!, `a  [\n${row.repeat(180)} ]\nb  [\n${row.repeat(9)} ]\n`);
  const args = [golden('normalization.fst'), `ark:${feats}`, `ark:${supervision}`, `ark:${egs}`];
  const options = ['--num-frames=90', '--left-context=13', '--right-context=9', '--frame-subsampling-factor=3'];
  const { code, log } = await jebena('nnet3-chain-get-egs', ...options, '--long-key=true', ...args);
  expect(log).toContain('no egs of b: missing-targets');
  expect(code).toBe(0);
  const keys: string[] = [];
  for await (const [key, { inputs, outputs }] of readTable(nnetChainExampleHolder, `ark:${egs}`)) {
    keys.push(key);
    expect(inputs[0]!.indexes.n.length).toBe(13 + 90 + 9);
    expect(inputs[0]!.indexes.t[0]).toBe(-13);
    expect(outputs[0]!.indexes.t.slice(0, 3)).toEqual(Int32Array.of(0, 3, 6));
    expect(outputs[0]!.supervision).toMatchObject({ framesPerSequence: 30, labelDim: 56 });
    expect(outputs[0]!.derivWeights.length).toBe(30);
  }
  expect(keys).toEqual(['a-0-13-90-9-v1', 'a-90-13-90-9-v1']);
});

test('from a topology and transcripts alone to end-to-end examples', async () => {
  const lang = shared('fsdd/kaldi/lang');
  const at = (name: string): string => join(folder, name);
  writeFileSync(
    at('topo'),
    '<Topology> <TopologyEntry> <ForPhones> ' +
      Array.from({ length: 20 }, (_, i) => i + 1).join(' ') +
      ' </ForPhones> <State> 0 <ForwardPdfClass> 0 <SelfLoopPdfClass> 1 <Transition> 0 0.5 <Transition> 1 0.5 </State> <State> 1 </State> </TopologyEntry> </Topology> ',
  );
  expect((await jebena('gmm-init-biphone', '--ci-phones=1', at('topo'), '10', at('0.mdl'), at('tree'))).log).toContain(
    // Silence has 2; 19 phones have 2 after a start or silence and 2 after each of 19.
    `Num PDFs: ${2 + 19 * 20 * 2}`,
  );
  writeFileSync(at('text.int'), 'a 2 3\nb 6\nc 4 5 6 7 8 9 2 3 4 5\nd 3\n');
  const graphs = ['--transition-scale=0', '--self-loop-scale=0', at('tree'), at('0.mdl'), `${lang}/L.fst`];
  expect((await jebena('compile-train-graphs', ...graphs, `ark:${at('text.int')}`, `ark:${at('fst.ark')}`)).code).toBe(
    0,
  );
  const rows = (key: string, count: number): string => `${key}  [\n${' 1 2\n'.repeat(count)} ]\n`;
  writeFileSync(at('f.ark'), rows('a', 90) + rows('b', 62) + rows('c', 30) + rows('d', 75));
  const options = ['--num-frames=90,60,30', '--frame-subsampling-factor=3', '--left-context=5', '--right-context=4'];
  const { code, log } = await jebena(
    'nnet3-chain-e2e-get-egs',
    ...options,
    `ark:${at('f.ark')}`,
    `ark:${at('fst.ark')}`,
    at('0.mdl'),
    `ark:${at('e2e.ark')}`,
  );
  expect(code).toBe(0);
  expect(log).toMatch(
    /no eg of c: bad-supervision: .*too short for its transcript, which takes \d+ output frames of 10/,
  );
  expect(log).toContain('no eg of d: length-mismatch: 75 frames, where the nearest length that is allowed is 90');
  const found: [string, number, number][] = [];
  for await (const [key, { inputs, outputs }] of readTable(nnetChainExampleHolder, `ark:${at('e2e.ark')}`)) {
    const { supervision } = outputs[0]!;
    found.push([key, inputs[0]!.indexes.t.length, supervision.framesPerSequence]);
    expect(supervision.e2eFsts![0]!.ilabel.includes(0)).toBe(false);
  }
  expect(found).toEqual([
    ['a', 99, 30],
    ['b', 69, 20],
  ]);
  // Confidences: weights of frames for numerators of a recogniser's lattices.
  writeFileSync(at('post.txt'), 'a [ 3 0.5 4 0.5 ] [ 4 1 ]\nb [ 1 1 ]\n');
  writeFileSync(at('ali.txt'), 'a 4 4\n');
  const confidences = [`ark:${at('post.txt')}`, `ark:${at('ali.txt')}`, `ark,t:${at('w.txt')}`];
  expect((await jebena('get-post-on-ali', ...confidences)).log).toContain('for 1 utterances, errors for 1');
  expect(readFileSync(at('w.txt'), 'utf8').trim().split(/\s+/)).toEqual(['a', '[', '0.5', '1', ']']);
  // Numerators by themselves: over the denominator's own tree.
  const own = [golden('tree'), golden('0.trans_mdl'), `${lang}/L.fst`, `ark:${at('text.int')}`, `ark:${at('own.ark')}`];
  expect((await jebena('compile-train-graphs', '--transition-scale=0', '--self-loop-scale=0', ...own)).code).toBe(0);
  const to = [`ark:${at('own.ark')}`, `ark:${at('num.ark')}`];
  const num = await jebena('chain-make-num-fst-e2e', golden('0.trans_mdl'), golden('normalization.fst'), ...to);
  expect(num.log).toContain('Converted 4 Fsts');
});

test('nnet3-chain-combine averages as many networks as does best', async () => {
  const out = join(folder, 'combined.raw');
  const { code, log } = await jebena(
    'nnet3-chain-combine',
    '--engine=tfjs-wasm',
    '--leaky-hmm-coefficient=0.1',
    '--batchnorm-test-mode=true',
    `output=${golden('den.fst')}`,
    golden('model.raw'),
    golden('model.raw'),
    `ark:${golden('merged.ark')}`,
    out,
  );
  expect(code).toBe(0);
  // The objective of prob.txt, from which two equal networks do not differ.
  expect(log).toMatch(/Combining \d nnets, objective function changed from -0.03638\d* to -0.03638/);
  expect(existsSync(out)).toBe(true);
});
