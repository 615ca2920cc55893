import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { main } from '@jebena/cli';
import { ConstArpa, readArpa } from '@jebena/hmm';
import { formatFst, parseFst, randomlyEquivalent, readFst, readSymbols } from '@jebena/wfst';
import { shared, testShared } from '../../../test/support/shared.js';
import { programs as fstPrograms } from '../src/wfst/programs.js';

const bin = resolve(import.meta.dirname, '../bin/jebena.js');
const folder = mkdtempSync(join(tmpdir(), 'jebena-fst-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const grammar = (name: string): string => resolve(import.meta.dirname, '../../hmm/test/fixtures/grammar', name);

/** Runs a program in this process, its input and output in files; its log and its exit code. */
async function jebena(line: string): Promise<{ status: number; stderr: string }> {
  const said: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  try {
    return { status: await main(line.split(' ')), stderr: said.join('') };
  } finally {
    spy.mockRestore();
  }
}

/** Runs programs one after the other, each on what the one before wrote. */
async function pipeline(lines: readonly string[], input: string | Uint8Array): Promise<Buffer> {
  const [from, to] = [at('from'), at('to')];
  writeFileSync(from, input);
  for (const line of lines) {
    const { status, stderr } = await jebena(`${line} ${from} ${to}`);
    if (status !== 0) throw new Error(`${line}: ${stderr}`);
    copyFileSync(to, from);
  }
  return readFileSync(from);
}

/** Runs programs as a shell does, joined by pipes. */
const piped = (lines: readonly string[]): Buffer =>
  lines.reduce<Buffer>((bytes, line) => {
    const run = spawnSync(process.execPath, [bin, ...line.split(' ')], { input: bytes, maxBuffer: 1 << 28 });
    if (run.status !== 0) throw new Error(`${line}: ${run.stderr.toString()}`);
    return run.stdout;
  }, Buffer.alloc(0));

testShared("Kaldi's recipe for LG, program by program", async () => {
  const hmm = (name: string): string => shared('golden/hmm', name);
  const lg = piped([
    `fsttablecompose ${hmm('L_disambig.fst')} ${hmm('G.fst')}`,
    'fstdeterminizestar --use-log=true',
    'fstminimizeencoded',
    'fstpushspecial',
    'fst arcsort --sort_type=ilabel',
  ]);
  const theirs = readFst(readFileSync(hmm('LG.fst')));
  const ours = readFst(lg);
  expect([ours.numStates, ours.numArcs]).toEqual([theirs.numStates, theirs.numArcs]);
  expect(randomlyEquivalent(ours, theirs, { paths: 30 })).toBe(true);
  writeFileSync(at('LG.fst'), lg);
  const compared = await jebena(`fstequivalent --random=true --delta=0.01 ${at('LG.fst')} ${hmm('LG.fst')}`);
  expect(compared.status).toBe(0);
});

testShared('G.txt with its symbols, compiled and sorted, is what Kaldi made of it', async () => {
  const words = shared('golden/hmm/words.txt');
  const symbols = `--isymbols=${words} --osymbols=${words}`;
  const text = readFileSync(shared('golden/hmm/G.txt'));
  const made = await pipeline([`fstcompile ${symbols}`, 'fstarcsort --sort_type=ilabel'], text);
  expect(formatFst(readFst(made))).toBe(formatFst(readFst(readFileSync(shared('golden/hmm/G.fst')))));
  const printed = await pipeline([`fstprint ${symbols}`], made);
  expect(printed.toString()).toMatch(/^0\t0\teight\teight\t2\.3978951\n/);
});

test('compile, info, convert, draw, print and best path', async () => {
  const text = '0\t1\t1\t2\t0.5\n0\t1\t3\t3\n1\t0.25\n';
  const after = async (...lines: string[]): Promise<string> =>
    (await pipeline(['fst compile', ...lines], text)).toString();
  expect(await after('fst convert --fst_type=const', 'fst print')).toBe(text);
  expect(await after('fst draw')).toContain('0 -> 1 [label = "1:2/0.5"');
  expect(await after('fst shortestpath', 'fst print')).toBe('0\t1\t3\t3\n1\t0.25\n');
  writeFileSync(at('z.fst'), await pipeline(['fst compile'], text));
  const info = piped([`fst info ${at('z.fst')}`]).toString();
  expect(info).toMatch(/# of states {39}2\n/);
  expect(info).toMatch(/acceptor {42}n\n/);
});

test('symbols removed, penalized, passed by loops', async () => {
  const list = at('list');
  writeFileSync(list, '3\n');
  const after = async (program: string): Promise<string> => {
    const [from, to] = [at('before'), at('after')];
    writeFileSync(from, await pipeline(['fst compile'], '0 1 1 2\n1 2 3 0\n2\n'));
    await jebena(`${program} ${from} ${to}`);
    return (await pipeline(['fst print'], readFileSync(to))).toString();
  };
  expect(await after(`fstrmsymbols ${list}`)).toBe('0\t1\t1\t2\n1\t2\t0\t0\n2\n');
  expect(await after(`fstrmsymbols --penalty=2 ${list}`)).toBe('0\t1\t1\t2\n1\t2\t3\t0\t2\n2\n');
  expect(await after(`fstrmsymbols --remove-arcs=true ${list}`)).toBe('');
  expect(await after(`fstaddselfloops ${list} ${list}`)).toBe('0\t1\t1\t2\n0\t0\t3\t3\n1\t2\t3\t0\n2\t2\t3\t3\n2\n');
});

test('arpa2fst and arpa-to-const-arpa', async () => {
  const words = readSymbols(readFileSync(grammar('words.txt')));
  const { status, stderr } = await jebena(
    `arpa2fst --disambig-symbol=#0 --read-symbol-table=${grammar('words.txt')} ${grammar('trigram.arpa')} ${at('G.fst')}`,
  );
  expect([status, stderr]).toEqual([0, 'LOG (arpa2fst) G has 24 states and 61 arcs\n']);
  const own = `arpa2fst --write-symbol-table=${at('own.txt')} ${grammar('trigram.arpa')} ${at('own.fst')}`;
  expect((await jebena(own)).status).toBe(0);
  const theirs = parseFst(readFileSync(grammar('trigram.plain.txt')));
  expect(readFst(readFileSync(at('own.fst'))).numArcs).toBe(theirs.numArcs);
  expect(readFileSync(at('own.txt'), 'utf8')).toMatch(/^<eps>\t0\n<s>\t1\n<\/s>\t2\ncall\t3\n/);

  const text = readFileSync(grammar('trigram.arpa'), 'utf8');
  const numbered = text.replace(/^(-[\d.]+\t)([^\t\n]*)/gm, (_, probability: string, ngram: string) => {
    const labels = ngram.split(' ').map((word) => words.label(word));
    return `${probability}${labels.join(' ')}`;
  });
  writeFileSync(at('ints.arpa'), numbered);
  const packing = `arpa-to-const-arpa --bos-symbol=10 --eos-symbol=11 ${at('ints.arpa')} ${at('lm.carpa')}`;
  expect((await jebena(packing)).status).toBe(0);
  const packed = ConstArpa.read(readFileSync(at('lm.carpa')));
  const model = readArpa(readFileSync(grammar('trigram.arpa')), { symbols: words });
  expect(packed.logProb(2, [10, 1])).toBeCloseTo(model.logProb(2, [10, 1]), 5);
});

test('what cannot be is told in one line, and nothing is left half-written', async () => {
  writeFileSync(at('bad.txt'), '0 1 1 1\n0 2 1 2\n1 1 2 2\n2 2 2 3\n1 3 3 3\n2 3 4 4\n3\n');
  await jebena(`fstcompile ${at('bad.txt')} ${at('bad.fst')}`);
  const failed = await jebena(`fstdeterminizestar ${at('bad.fst')} ${at('out.fst')}`);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toMatch(
    /^ERROR \(fstdeterminizestar\) cannot determinize: .*disambiguation symbols may be missing\n$/,
  );
  const missing = await jebena('fstprint missing.fst');
  expect(missing.stderr).toBe('ERROR (fstprint) missing.fst: expected a file, found no such file or folder\n');
  writeFileSync(at('torn.fst'), readFileSync(at('bad.fst')).subarray(0, 80));
  const torn = await jebena(`fstinfo ${at('torn.fst')}`);
  expect(torn.stderr).toMatch(/^ERROR \(fstinfo\) .*torn\.fst, byte \d+: expected .*\n$/);
  expect((await jebena('fst nosuch')).stderr).toMatch(/ERROR \(fstnosuch\) no such program/);
  expect(existsSync(at('out.fst'))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('every program says what it is for', async () => {
  for (const [name, load] of Object.entries(fstPrograms)) {
    const { program } = await load();
    expect(program.name).toBe(name);
    expect(program.summary).toMatch(/^[A-Z].*\.$/);
  }
});
