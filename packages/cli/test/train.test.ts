import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@jebena/cli';
import { AcousticModel, Network } from '@jebena/graph';
import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { readObject, readTable } from '@jebena/io-ark/node';
import { ldaStatisticsHolder } from '@jebena/train';
import { afterAll, expect, vi } from 'vitest';
import { shared, testShared as test } from '../../../test/support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-train-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const golden = (...parts: string[]): string => shared('golden', ...parts);
const cpu = '--engine=tfjs-cpu';

/** Runs a program; its exit code and what it logged. */
async function jebena(...argv: string[]): Promise<{ code: number; log: string[] }> {
  let log = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((log += String(text)), true));
  try {
    const code = await main(argv);
    return { code, log: log.trim().split('\n') };
  } finally {
    spy.mockRestore();
  }
}

test('networks are trained, told apart and combined', async () => {
  const start = golden('nnet3', 'affine', 'stats.raw');
  expect(
    (
      await jebena(
        'nnet3-merge-egs',
        '--minibatch-size=6',
        `ark:${golden('nnet3', 'affine', 'egs.ark')}`,
        `ark:${at('merged.egs')}`,
      )
    ).code,
  ).toBe(0);
  const egs = `ark:${at('merged.egs')}`;
  const trained = await jebena('nnet3-train', cpu, start, egs, at('1.raw'));
  const overall = /Overall average objective function for 'output' is (\S+) over \d+ frames/;
  const wanted = Number(overall.exec(readFileSync(golden('nnet3', 'affine', 'step-sgd.log'), 'utf8'))![1]);
  expect(Number(overall.exec(trained.log.join('\n'))![1])).toBeCloseTo(wanted, 4);

  const told = await jebena('nnet3-show-progress', start, at('1.raw'));
  const values = (line: string): number[] => [...line.matchAll(/:(\S+) /g)].map((m) => Number(m[1]));
  const [difference, size, relative] = told.log.map((line) => values(line.replace(/^.*?\[/, '')));
  expect(told.log[0]).toMatch(/^LOG \(nnet3-show-progress\) Parameter differences per layer are \[ \S+:\S+ /);
  expect(difference![0]).toBeGreaterThan(0);
  relative!.forEach((value, i) => expect(value).toBeCloseTo(difference![i]! / size![i]!, 4));

  const combined = await jebena('nnet3-combine', cpu, at('1.raw'), start, egs, at('combined.raw'));
  const [, count, from, to] = /Combining (\d) nnets, objective function changed from (\S+) to (\S+)$/.exec(
    combined.log[0]!,
  )!;
  expect(combined.code).toBe(0);
  expect(Number(to)).toBeGreaterThanOrEqual(Number(from));
  expect(Number(to) > Number(from)).toBe(count === '2');
  const probOf = async (model: string): Promise<number> =>
    Number(
      /Overall \S+ for 'output' is (\S+)/.exec(
        (await jebena('nnet3-compute-prob', cpu, model, egs)).log.join('\n'),
      )![1],
    );
  expect(await probOf(at('combined.raw'))).toBeCloseTo(Number(to), 3);
  expect(await probOf(at('1.raw'))).toBeCloseTo(Number(from), 3);
});

test('outputs are computed from examples', async () => {
  const [egs, model] = [`ark:${golden('nnet3', 'affine', 'egs.ark')}`, golden('nnet3', 'affine', 'stats.raw')];
  expect((await jebena('nnet3-compute-from-egs', cpu, '--apply-exp', model, egs, `ark:${at('y.ark')}`)).code).toBe(0);
  const classes = Network.fromBytes(readFileSync(model)).outputDim();
  let count = 0;
  for await (const [, { rows, cols, data }] of readTable(matrixHolder, `ark:${at('y.ark')}`)) {
    expect(cols).toBe(classes);
    // Posteriors sum to 1.
    for (let r = 0; r < rows; r++)
      expect(data.subarray(r * cols, (r + 1) * cols).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    count++;
  }
  expect(count).toBeGreaterThan(0);
});

test('transitions and priors are trained from alignments', async () => {
  const model = golden('hybrid', 'tdnn.mdl');
  const ali = `ark:${golden('hybrid', 'tdnn.ali.txt')}`;
  const { code, log } = await jebena('nnet3-am-train-transitions', model, ali, at('new.mdl'));
  expect([code, log.length]).toEqual([0, 2]);
  const { priors, transitions } = AcousticModel.fromBytes(readFileSync(at('new.mdl')));
  const counts = new Map<number, number>();
  let frames = 0;
  for (const line of readFileSync(golden('hybrid', 'tdnn.ali.txt'), 'utf8').trim().split('\n'))
    for (const tid of line.trim().split(/\s+/).slice(1)) {
      const pdf = transitions.tidToPdf[Number(tid)]!;
      counts.set(pdf, (counts.get(pdf) ?? 0) + 1);
      frames++;
    }
  priors.forEach((p, pdf) => expect(p).toBeCloseTo(Math.max(5e-6, (counts.get(pdf) ?? 0) / frames), 6));
  // Each state's transitions still sum to 1.
  for (let state = 1; state <= transitions.numTransitionStates; state++) {
    let sum = 0;
    for (let i = 0; i < transitions.numTransitions(state); i++)
      sum += Math.exp(transitions.logProbs[transitions.tid(state, i)]!);
    expect(sum).toBeCloseTo(1, 4);
  }
});

test('a feature transform is made from examples', async () => {
  const [egs, model] = [`ark:${golden('nnet3', 'affine', 'egs.ark')}`, golden('nnet3', 'affine', 'stats.raw')];
  const made = await jebena('nnet3-acc-lda-stats', cpu, model, egs, at('1.acc'));
  expect([made.code, made.log[0]]).toEqual([0, expect.stringMatching(/Accumulated stats from \d+ examples/)]);
  expect((await jebena('sum-lda-accs', '--binary=false', at('2.acc'), at('1.acc'), at('1.acc'))).code).toBe(0);
  // Twice the same statistics say the same.
  const matrices: Matrix[] = [];
  for (const name of ['1', '2']) {
    expect((await jebena('nnet-get-feature-transform', at(`${name}.mat`), at(`${name}.acc`))).code).toBe(0);
    matrices.push(await readObject(matrixHolder, at(`${name}.mat`)));
  }
  const classes = Network.fromBytes(readFileSync(model)).outputDim();
  expect([matrices[0]!.rows, matrices[0]!.cols]).toEqual([classes, classes + 1]);
  matrices[0]!.data.forEach((v, i) =>
    expect(Math.abs(Math.abs(v) - Math.abs(matrices[1]!.data[i]!))).toBeLessThan(1e-2 * Math.max(1, Math.abs(v))),
  );
  // Most frames are dropped, the others count for more.
  expect((await jebena('nnet3-acc-lda-stats', cpu, '--rand-prune=4', model, egs, at('3.acc'))).code).toBe(0);
  const { zero } = await readObject(ldaStatisticsHolder, at('3.acc'));
  expect(zero.some((weight) => weight > 0)).toBe(true);
  expect(zero.every((weight) => weight % 4 === 0)).toBe(true);
});

test('a number that is not finite ends training by name, and the last good model stays', async () => {
  const start = golden('nnet3', 'affine', 'stats.raw');
  const egs = readFileSync(golden('nnet3', 'affine', 'egs.ark'), 'utf8');
  // A feature of frame 0 of the eighth of eighteen: of the second minibatch of six.
  const eighth = egs.split('<Nnet3Eg>').slice(0, 8).join('<Nnet3Eg>').length;
  const spoiled = egs.slice(0, eighth) + egs.slice(eighth).replace(/(\[\s*\n(?:.*\n){4}\s*)-?[\d.e-]+/, '$1nan');
  expect(spoiled).not.toBe(egs);
  writeFileSync(at('spoiled.egs'), spoiled);
  await jebena('nnet3-merge-egs', '--minibatch-size=6', `ark:${at('spoiled.egs')}`, `ark:${at('spoiled.merged')}`);
  copyFileSync(start, at('kept.raw'));
  const { code, log } = await jebena('nnet3-train', cpu, start, `ark:${at('spoiled.merged')}`, at('kept.raw'));
  expect(code).not.toBe(0);
  expect(log.filter((line) => line.includes('minibatch'))).toEqual([
    expect.stringMatching(
      /minibatch 'merged-1-6' \(step 1\): component '\S+': expected a finite change, found one that is not/,
    ),
  ]);
  expect(readFileSync(at('kept.raw'))).toEqual(readFileSync(start));
});
