import {
  cosine,
  effectiveLearningRate,
  jobsAt,
  Newbob,
  parseDropoutSchedule,
  type Schedule,
  warmupHoldDecay,
} from '@jebena/train';
import { expect, test } from 'vitest';

const at = (schedule: Schedule, step: number, steps = 100): number => schedule({ step, fraction: step / steps });

test('each of several jobs learns at jobs times the effective rate', () => {
  const rate = effectiveLearningRate(3e-4, 3e-5, { initialJobs: 1, finalJobs: 8 });
  expect(at(rate, 0)).toBeCloseTo(3e-4, 10);
  // int(0.5 + 1 + 7 * 0.5) = 5 jobs at half the run.
  expect(jobsAt(0.5, 1, 8)).toBe(5);
  expect(at(rate, 50)).toBeCloseTo(5 * Math.sqrt(3e-4 * 3e-5), 10);
  expect(at(rate, 100)).toBeCloseTo(8 * 3e-5, 10);
  expect(() => jobsAt(0, 2, 1)).toThrow('found 2 and 1');
});

test('warm-up rises in a straight line, holds, and decays', () => {
  const rate = warmupHoldDecay(1, { warmup: 10, hold: 5, decay: 0.5, least: 0.2 });
  expect([0, 4, 9, 10, 14, 15, 16, 17, 18].map((s) => at(rate, s))).toEqual([0.1, 0.5, 1, 1, 1, 1, 0.5, 0.25, 0.2]);
});

test('a cosine takes the values of CosineAnnealingLR', () => {
  // torch.optim.lr_scheduler.CosineAnnealingLR(SGD(lr=0.1), T_max=10, eta_min=0.01), epochs 0, 3, 5, 10.
  for (const [step, value] of [
    [0, 0.1],
    [3, 0.0814503363531613],
    [5, 0.055],
    [10, 0.01],
  ] as const)
    expect(at(cosine(0.1, 0.01), step, 10)).toBeCloseTo(value, 12);
});

test('newbob halves where the validation set hardly improves, and goes on from its state', () => {
  const newbob = new Newbob(0.08, { cuts: 2 });
  expect([-2, -1.9].map((o) => newbob.report(o))).toEqual([true, true]);
  expect(newbob.rate).toBe(0.08);
  expect(newbob.report(-1.8999)).toBe(true);
  expect(newbob.schedule()).toBe(0.04);
  const next = new Newbob(1, { cuts: 2 });
  next.restore(newbob.state());
  expect(next.report(Number.NaN)).toBe(false);
  expect(next.rate).toBe(0.02);
});

test("dropout schedules are read as Kaldi's scripts read them", () => {
  const dropout = parseDropoutSchedule('0,0.5@0.3,0.1 lstm*=0,0.2,0');
  expect(dropout('tdnn1', 0.15)).toBeCloseTo(0.25);
  expect(dropout('tdnn1', 0.65)).toBeCloseTo(0.3);
  expect(dropout('tdnn1', 1)).toBeCloseTo(0.1);
  expect(dropout('lstm1.dropout', 0.25)).toBeCloseTo(0.1);
  expect(parseDropoutSchedule('lstm*=0,0.1')('tdnn1', 0)).toBeUndefined();
  for (const [text, message] of [
    ['0.5', 'a first and a last'],
    ['0,1.5@0.2,0', "proportions in [0, 1], found '1.5@0.2'"],
    ['0,0.1@0.7,0.2@0.3,0', 'fractions that grow'],
    ['0@0.1,0', 'the first one at 0'],
    ['0,x,0', "found 'x'"],
  ] as const)
    expect(() => parseDropoutSchedule(text)).toThrow(message);
});
