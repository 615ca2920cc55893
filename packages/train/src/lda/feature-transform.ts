import type { Matrix } from '@jebena/io-ark';
import {
  CholeskyDecomposition,
  EigenvalueDecomposition,
  inverse,
  Matrix as Dense,
  SingularValueDecomposition,
} from 'ml-matrix';
import type { LdaStatistics } from './lda-statistics.js';

/** Settings of {@link featureTransform}, as `nnet-get-feature-transform` takes them. */
export interface FeatureTransformSettings {
  /** Rows that are kept; 0 (default): all. */
  readonly dim?: number;
  /** Variance that directions without any difference between classes are left with; 1 is plain LDA. Default 0.0001. */
  readonly withinClassFactor?: number;
  /** No singular value is larger; 0: no limit. Default 5. */
  readonly maxSingularValue?: number;
  /** Whether the mean of the data goes to 0. Default true. */
  readonly removeOffset?: boolean;
}

/**
 * A transform like LDA's that keeps all dimensions but scales down those that tell classes little: the fixed affine
 * at the start of nnet3 networks (nnet2/get-feature-transform.cc).
 *
 * @returns dim x (dim of the data + 1); the last column is the offset
 */
export function featureTransform(statistics: LdaStatistics, settings: FeatureTransformSettings = {}): Matrix {
  const { withinClassFactor = 1e-4, maxSingularValue = 5, removeOffset = true } = settings;
  const rows = settings.dim && settings.dim > 0 ? settings.dim : statistics.dim;
  if (rows > statistics.dim)
    throw new RangeError(`feature transform: expected a dim of at most ${statistics.dim}, found ${rows}`);
  const { mean, within, between } = covariances(statistics);
  const whiten = inverse(cholesky(within));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    whiten.mmul(between).mmul(whiten.transpose()),
    { assumeSymmetric: true },
  );
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const chosen = order.slice(0, rows);
  let transform = eigenvectorMatrix
    .transpose()
    .subMatrixRow(chosen, 0, statistics.dim - 1)
    .mmul(whiten);
  chosen.forEach((from, row) => {
    const ratio = Math.max(0, realEigenvalues[from]!);
    transform.mulRow(row, Math.sqrt((withinClassFactor + ratio) / (1 + ratio)));
  });
  if (maxSingularValue > 0) transform = limited(transform, maxSingularValue);
  const offset = removeOffset ? transform.mmul(mean).mul(-1) : undefined;
  const whole = offset ? transform.clone().addColumn(offset) : transform;
  return { rows, cols: whole.columns, data: Float32Array.from(whole.to1DArray()) };
}

function covariances({ dim, zero, first, second }: LdaStatistics): { mean: Dense; within: Dense; between: Dense } {
  const count = zero.reduce((a, b) => a + b, 0);
  if (!(count > 0))
    throw new RangeError(`feature transform: expected statistics of some rows, found a count of ${count}`);
  const mean = Dense.zeros(dim, 1);
  const total = Dense.zeros(dim, dim);
  const means = Dense.zeros(dim, dim);
  for (let i = 0, at = 0; i < dim; i++)
    for (let j = 0; j <= i; j++, at++)
      for (const [r, c] of [
        [i, j],
        [j, i],
      ] as const)
        total.set(r, c, second[at]! / count);
  zero.forEach((weight, c) => {
    if (weight === 0) return;
    const own = Dense.columnVector(first.subarray(c * dim, (c + 1) * dim));
    mean.add(own.clone().div(count));
    means.add(own.mmul(own.transpose()).div(weight * count));
  });
  return { mean, within: total.sub(means), between: means.sub(mean.mmul(mean.transpose())) };
}

/** The lower factor; what is not positive definite is first made so, a little. */
function cholesky(covariance: Dense): Dense {
  const plain = new CholeskyDecomposition(covariance);
  if (plain.isPositiveDefinite()) return plain.lowerTriangularMatrix;
  const more = (1e-3 * covariance.trace()) / covariance.rows;
  return new CholeskyDecomposition(covariance.clone().add(Dense.eye(covariance.rows).mul(more))).lowerTriangularMatrix;
}

function limited(transform: Dense, most: number): Dense {
  const {
    leftSingularVectors: left,
    rightSingularVectors: right,
    diagonal,
  } = new SingularValueDecomposition(transform, { autoTranspose: true });
  if (diagonal.every((value) => value <= most)) return transform;
  return left.mmul(Dense.diag(diagonal.map((value) => Math.min(value, most)))).mmul(right.transpose());
}
