import { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { featureTransform, LdaStatistics } from '@jebena/train';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';

const classOf = (n: number): number => n % 3;
const rowOf = (n: number): number[] =>
  [0, 1, 2, 3].map((d) => Math.sin(n * (d + 1.3) + d) * (d + 0.5) + (d < 2 ? (classOf(n) - 1) * (d + 1) : 0.3) + 2);

const gathered = new LdaStatistics(4, 5);
for (let n = 0; n < 300; n++) gathered.add(rowOf(n), classOf(n));

/** Mean and covariance of the rows after a transform with an offset: of all, or each class about its own mean. */
function after(
  transform: { rows: number; data: ArrayLike<number> },
  withinClasses: boolean,
): { mean: Matrix; covariance: Matrix } {
  const m = Matrix.from1DArray(transform.rows, 5, transform.data);
  const data = Array.from({ length: 300 }, (_, n) => m.mmul(Matrix.columnVector([...rowOf(n), 1])));
  const average = (xs: Matrix[]): Matrix =>
    xs.reduce((a, b) => a.add(b), Matrix.zeros(xs[0]!.rows, xs[0]!.columns)).div(xs.length);
  const means = [0, 1, 2].map((c) => average(data.filter((_, n) => classOf(n) === c)));
  const mean = average(data);
  const centred = data.map((x, n) => Matrix.sub(x, withinClasses ? means[classOf(n)]! : mean));
  return { mean, covariance: average(centred.map((x) => x.mmul(x.transpose()))) };
}

test('plain LDA whitens within classes, and lines up what lies between them', () => {
  const transform = featureTransform(gathered, { withinClassFactor: 1, maxSingularValue: 0 });
  expect([transform.rows, transform.cols]).toEqual([4, 5]);
  const { mean, covariance } = after(transform, true);
  mean.to1DArray().forEach((v) => expect(v).toBeCloseTo(0, 4));
  const total = after(transform, false).covariance;
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 4; j++) {
      expect(covariance.get(i, j)).toBeCloseTo(i === j ? 1 : 0, 4);
      if (i !== j) expect(total.get(i, j)).toBeCloseTo(0, 4);
      else if (i > 0) expect(total.get(i, i)).toBeLessThanOrEqual(total.get(i - 1, i - 1) + 1e-6);
    }
});

test('what tells nothing of the class is scaled down, and singular values are limited', () => {
  // Total variance of each dimension: the factor plus the ratio of variances between and within.
  const plain = after(featureTransform(gathered, { withinClassFactor: 1, maxSingularValue: 0 }), false).covariance;
  const scaled = after(featureTransform(gathered, { withinClassFactor: 0.01, maxSingularValue: 0 }), false).covariance;
  for (let i = 0; i < 4; i++) expect(scaled.get(i, i)).toBeCloseTo(0.01 + plain.get(i, i) - 1, 4);
  const limited = featureTransform(gathered, {
    withinClassFactor: 1,
    maxSingularValue: 0.5,
    removeOffset: false,
    dim: 3,
  });
  expect([limited.rows, limited.cols]).toEqual([3, 4]);
  const m = Matrix.from1DArray(3, 4, limited.data);
  // The largest eigenvalue of M M^T is the square of the limit.
  let x = Matrix.columnVector([1, 0.7, 0.3]);
  for (let i = 0; i < 200; i++) x = m.mmul(m.transpose()).mmul(x).div(m.mmul(m.transpose()).mmul(x).norm());
  expect(m.mmul(m.transpose()).mmul(x).norm()).toBeCloseTo(0.25, 4);
});

test.each([true, false])('statistics go to files and back (binary: %s)', (binary) => {
  const output = new KaldiOutput({ binary });
  gathered.write(output);
  const back = LdaStatistics.read(new KaldiInput(output.bytes()));
  expect(back.classes).toBe(5);
  for (const part of ['zero', 'first', 'second'] as const)
    gathered[part].forEach((v, i) =>
      expect(Math.abs(back[part][i]! - v)).toBeLessThan(1e-4 * Math.max(1, Math.abs(v))),
    );
  back.merge(gathered);
  expect(back.zero[0]).toBe(200);
  expect(() => back.add([1], 0)).toThrow('expected rows of 4');
});
