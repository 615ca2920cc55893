import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@jebena/cli';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { shared, testShared as test } from '../../../test/support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const golden = (name: string): string => shared('golden', name);
const model = golden('nnet3/tdnn/stats.raw');

/** Runs a program as the command line does; its exit code and its warnings and errors. */
async function jebena(...argv: string[]): Promise<{ code: number; told: string[] }> {
  let log = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((log += String(text)), true));
  try {
    const code = await main(argv);
    return { code, told: log.split('\n').filter((line) => /^(ERROR|WARNING)/.test(line)) };
  } finally {
    spy.mockRestore();
  }
}

/** Egs of the case `tdnn`, with one thing changed, merged by twos. */
async function changed(name: string, change: (lines: string[]) => void): Promise<string> {
  const lines = readFileSync(golden('nnet3/tdnn/egs.ark'), 'utf8').split('\n');
  change(lines);
  writeFileSync(at(`${name}.egs`), lines.join('\n'));
  const merged = await jebena('nnet3-merge-egs', '--minibatch-size=2', `ark,t:${at(`${name}.egs`)}`, `ark:${at(name)}`);
  expect(merged).toEqual({ code: 0, told: [] });
  return `ark:${at(name)}`;
}

/** Row 14 is one that the network looks at. */
const putFirst = (value: string) => (lines: string[]) => {
  lines[14] = ` ${[value, ...lines[14]!.trim().split(/\s+/).slice(1)].join(' ')}`;
};

let good: string;
beforeAll(async () => {
  if (existsSync(model)) good = await changed('good', () => undefined);
});

const train = (egs: string, out: string, network = model): ReturnType<typeof jebena> =>
  jebena('nnet3-train', '--engine=tfjs-cpu', network, egs, out);

test.each(['nan', 'inf'])('%s in features ends training; the model before it is left', async (value) => {
  const out = at('kept.raw');
  writeFileSync(out, 'the model before');
  const { code, told } = await train(await changed(value, putFirst(value)), out);
  expect(code).toBe(1);
  expect(told).toEqual([
    "ERROR (nnet3-train) minibatch 'merged-0-2' (step 0): component 'tdnn1.affine': expected a finite change, found one that is not; the model is as it was before",
  ]);
  expect(readFileSync(out, 'utf8')).toBe('the model before');
});

test('examples that do not fit are named', async () => {
  const classes = await changed('classes', (lines) =>
    lines.forEach((line, i) => (lines[i] = line.replaceAll('dim=5', 'dim=7'))),
  );
  const wrong = "minibatch 'merged-0-2': output 'output': expected targets of 5 classes, found 7";
  for (const [program, ...args] of [
    ['nnet3-train', model, classes, at('out.raw')],
    ['nnet3-compute-prob', model, classes],
    ['nnet3-combine', model, model, classes, at('out.raw')],
  ] as const)
    expect(await jebena(program, '--engine=tfjs-cpu', ...args)).toEqual({
      code: 1,
      told: [`ERROR (${program}) ${wrong}`],
    });
  const other = golden('nnet3/ivector/stats.raw');
  const { code, told } = await train(good, at('out.raw'), other);
  expect([code, told.length]).toEqual([1, 1]);
  expect(told[0]).toMatch(/^ERROR \(nnet3-train\) minibatch 'merged-0-2': 'output': expected inputs that t=0 can be/);
  expect(existsSync(at('out.raw'))).toBe(false);
});

test('an archive without examples, and a disk that is full', async () => {
  expect(await train('ark:/dev/null', at('none.raw'))).toEqual({
    code: 1,
    told: ['WARNING (nnet3-train) there were no examples'],
  });
  expect(existsSync(at('none.raw'))).toBe(false);
  const full = await train(good, '/dev/full');
  expect(full.code).toBe(1);
  expect(full.told).toEqual([
    expect.stringMatching(
      /^ERROR \(nnet3-train\) \/dev\/full: expected to write \d+ bytes, found no space left on the device$/,
    ),
  ]);
  const table = await jebena('nnet3-copy-egs', good, 'ark:/dev/full');
  expect(table.code).toBe(1);
  expect(table.told).toEqual([expect.stringMatching(/\/dev\/full: expected to write \d+ bytes, found no space left/)]);
});

test('a denominator of another network is named', async () => {
  const [den, egs] = [golden('decode/HCLG.fst'), `ark:${golden('chain/merged.ark')}`];
  expect(await jebena('nnet3-chain-compute-prob', '--engine=tfjs-wasm', golden('chain/free.raw'), den, egs)).toEqual({
    code: 1,
    told: [
      `ERROR (nnet3-chain-compute-prob) ${den}: denominator graph: expected labels (pdf + 1) from 1 to 56, found 57`,
    ],
  });
});
