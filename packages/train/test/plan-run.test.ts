import { planRun } from '@jebena/train';
import { expect, test } from 'vitest';

const settings = { initialRate: 1e-3, finalRate: 1e-4 };

test('a run with a ramp of jobs goes through all archives, at Kaldi’s rates', () => {
  // As train_rnn.py plans it: int(4 * 10 * 2 / (2 + 4)) = 13 iterations.
  const { iterations, combine } = planRun({ ...settings, epochs: 4, archives: 10, initialJobs: 2, finalJobs: 4 });
  expect(iterations.length).toBe(13);
  expect(iterations.map(({ jobs }) => jobs.length)).toEqual([2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4]);
  const archives = iterations.flatMap(({ jobs }) => jobs.map(({ archive }) => archive));
  expect(archives).toEqual(archives.map((_, k) => k % 10));
  // Before iteration 4, 8 of 40 archives are done.
  expect(iterations[4]!.fraction).toBeCloseTo(0.2, 12);
  expect(iterations[4]!.learningRate).toBeCloseTo(3 * 1e-3 * Math.exp(8 * (Math.log(0.1) / 40)), 12);
  expect(iterations[12]!.learningRate).toBeCloseTo(4 * 1e-4, 12);
  // Half an epoch at the end would be 10 / 4 / 2 + 1 = 2 models; a short run takes half of all: 6.
  expect(combine).toEqual([8, 9, 10, 11, 12, 13]);
});

test('single frames: each pass over an archive takes another frame of its examples', () => {
  const { iterations } = planRun({ ...settings, epochs: 1, archives: 2, framesPerEg: 3, initialJobs: 1, finalJobs: 1 });
  // frame = (k // archives + archive_index) % frames_per_eg, archive_index from 1.
  expect(iterations.map(({ jobs }) => [jobs[0]!.archive, jobs[0]!.frame])).toEqual([
    [0, 1],
    [1, 2],
    [0, 2],
    [1, 0],
    [0, 0],
    [1, 1],
  ]);
});

test('long runs combine every so many of the last models, and the last', () => {
  const { combine } = planRun({
    ...settings,
    epochs: 4,
    archives: 100,
    initialJobs: 1,
    finalJobs: 1,
    maxModelsCombine: 10,
  });
  // int(100 / 1 / 2) + 1 = 51 models, every fifth.
  expect(combine).toEqual([350, 355, 360, 365, 370, 375, 380, 385, 390, 395, 400]);
  const short = planRun({ ...settings, epochs: 1, archives: 1, initialJobs: 1, finalJobs: 1 });
  expect([short.iterations.length, short.combine]).toEqual([1, [1]]);
});

test('more jobs than archives are refused', () => {
  expect(() => planRun({ ...settings, epochs: 1, archives: 2, initialJobs: 1, finalJobs: 3 })).toThrow(
    /expected as many archives as jobs \(3\) or more, found 2/,
  );
});
