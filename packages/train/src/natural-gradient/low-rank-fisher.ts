import type { Engine } from '@jebena/engine';
import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix';

/** Settings of one side's estimate (nnet3/natural-gradient-online.h). */
export interface FisherSettings {
  readonly rank: number;
  /** How much of the identity is mixed in: larger is smoother. */
  readonly alpha: number;
  /** Rows over which the estimate forgets. */
  readonly numSamplesHistory: number;
  /** Minibatches over which it forgets, instead; undefined or 0 where samples count. */
  readonly numMinibatchesHistory?: number | undefined;
}

/** The host's part of F = R^T diag(d) R + rho I; the other part is W = E^(1/2) R, on the engine. */
export interface FisherState {
  readonly rho: number;
  readonly d: Float64Array;
}

/** Products that an update of the estimate needs from the engine. */
export interface FisherProducts {
  /** Rows of the minibatch. */
  readonly rows: number;
  /** Columns of the minibatch. */
  readonly dim: number;
  /** tr(X X^T) */
  readonly trace: number;
  /** rank x rank: W J^T = H^T H */
  readonly l: ArrayLike<number>;
  /** rank x rank: J J^T */
  readonly k: ArrayLike<number>;
}

/** How W changes: W' = A (J + diag(w) W), then, if it has drifted, a triangular matrix times that. */
export interface FisherUpdate {
  readonly state: FisherState;
  /** rank x rank, row-major */
  readonly a: Float32Array;
  readonly w: Float32Array;
  /** Whether the rows of W' must be made orthogonal again. */
  readonly reorthogonalize: boolean;
}

/** An engine's own way to eigenvalues, where it has one: {@link Engine.symmetricEigen}. */
export type EigenSolver = NonNullable<Engine['symmetricEigen']>;

const epsilon = 1e-10;
const delta = 5e-4;
/** Eigenvalues further apart than this are not trusted to give orthogonal rows. */
const conditionThreshold = 1e6;

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

/** e_i = 1 / (beta / d_i + 1), with beta = rho (1 + alpha) + alpha tr(D) / dim. */
export function weightsE({ rho, d }: FisherState, alpha: number, dim: number): Float64Array {
  const beta = rho * (1 + alpha) + (alpha * sum(d)) / dim;
  return d.map((di) => 1 / (beta / di + 1));
}

/** The state before any data, and W: orthogonal rows without zeros, scaled. */
export function initialFisher(dim: number, rank: number, alpha: number): { state: FisherState; w: Float32Array } {
  const state = { rho: epsilon, d: new Float64Array(rank).fill(epsilon) };
  const scale = Math.sqrt(1 / (2 + ((dim + rank) * alpha) / dim));
  const first = 1.1;
  const w = new Float32Array(rank * dim);
  for (let r = 0; r < rank; r++) {
    const count = Math.ceil((dim - r) / rank);
    const size = scale / Math.sqrt(first * first + count - 1);
    for (let c = r; c < dim; c += rank) w[r * dim + c] = size * (c === r ? first : 1);
  }
  return { state, w };
}

function eta(rows: number, { numSamplesHistory, numMinibatchesHistory = 0 }: FisherSettings): number {
  if (numMinibatchesHistory > 0) return 1 / numMinibatchesHistory;
  // Closer to 1, an all-zero minibatch would end in NaN.
  return Math.min(0.9, 1 - Math.exp(-rows / numSamplesHistory));
}

/**
 * One update of the estimate from a minibatch (equations of Povey, Zhang and Khudanpur 2014, "Parallel training of
 * DNNs with natural gradient and parameter averaging", appendix; nnet3/natural-gradient-online.cc).
 */
export function updateFisher(
  state: FisherState,
  settings: FisherSettings,
  products: FisherProducts,
  solve?: EigenSolver,
): FisherUpdate {
  const { rho, d } = state;
  const { rows, dim, trace, l, k } = products;
  const rank = d.length;
  const forget = eta(rows, settings);
  const perRow = forget / rows;
  const kept = 1 - forget;
  const inverseRootE = weightsE(state, settings.alpha, dim).map((e) => 1 / Math.sqrt(e));
  const { values, vectors } = eigen(rank, solve, (i, j) => {
    const both = inverseRootE[i]! * inverseRootE[j]!;
    const cross = perRow * kept * both * l[i * rank + j]! * (d[i]! + d[j]! + 2 * rho);
    return perRow * perRow * both * k[i * rank + j]! + cross + (i === j ? (kept * (d[i]! + rho)) ** 2 : 0);
  });
  let reorthogonalize = values[0]! > conditionThreshold * values[rank - 1]!;
  const floor = (rho * kept) ** 2;
  const rootC = values.map((c) => {
    if (c < floor) reorthogonalize = true;
    return Math.sqrt(Math.max(c, floor));
  });
  const newRho = (perRow * trace + kept * (dim * rho + sum(d)) - sum(rootC)) / (dim - rank);
  const least = Math.max(epsilon, delta * Math.max(...rootC));
  const next = { rho: Math.max(newRho, least), d: rootC.map((c) => Math.max(c - newRho, least)) };
  const rootE = weightsE(next, settings.alpha, dim).map(Math.sqrt);
  const a = new Float32Array(rank * rank);
  for (let i = 0; i < rank; i++)
    for (let j = 0; j < rank; j++)
      a[i * rank + j] = ((perRow * rootE[i]!) / rootC[i]!) * vectors[i * rank + j]! * inverseRootE[j]!;
  return { state: next, a, w: Float32Array.from(d, (di) => (kept / perRow) * (di + rho)), reorthogonalize };
}

/** Eigenvalues by falling size, with their vectors in rows. */
interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

function eigen(rank: number, solve: EigenSolver | undefined, at: (i: number, j: number) => number): Eigen {
  const z = new Float64Array(rank * rank);
  let trace = 0;
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) z[i * rank + j] = z[j * rank + i] = at(i, j);
    trace += z[i * rank + i]!;
  }
  // Fourth powers of the data: without scaling they may overflow inside the decomposition.
  const scale = Math.max(1, trace);
  for (let i = 0; i < z.length; i++) z[i]! /= scale;
  const { values, vectors } = solve?.(z.slice(), rank) ?? inJavaScript(z, rank);
  const order = Array.from(values, (_, i) => i).sort((i, j) => Math.abs(values[j]!) - Math.abs(values[i]!));
  const sorted = new Float64Array(rank * rank);
  order.forEach((from, to) => sorted.set(vectors.subarray(from * rank, (from + 1) * rank), to * rank));
  return { values: Float64Array.from(order, (i) => scale * values[i]!), vectors: sorted };
}

function inJavaScript(z: Float64Array, rank: number): Eigen {
  const dense = Dense.from1DArray(rank, rank, z);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(dense, { assumeSymmetric: true });
  const vectors = Float64Array.from(z, (_, i) => eigenvectorMatrix.get(i % rank, Math.floor(i / rank)));
  return { values: Float64Array.from(realEigenvalues), vectors };
}

/**
 * The triangular matrix that makes the rows of R = E^(-1/2) W orthonormal again, applied to W; undefined where they
 * are within 1e-3 of that already. `failed` where rounding has left too little to go by: see {@link orthonormalRows}.
 *
 * @param gram rank x rank: W W^T
 */
export function reorthogonalizer(
  state: FisherState,
  alpha: number,
  dim: number,
  gram: ArrayLike<number>,
): Float32Array | 'failed' | undefined {
  const rank = state.d.length;
  const rootE = weightsE(state, alpha, dim).map(Math.sqrt);
  const o = Float64Array.from(
    { length: rank * rank },
    (_, i) => gram[i]! / (rootE[Math.floor(i / rank)]! * rootE[i % rank]!),
  );
  let off = 0;
  for (let i = 0; i < rank; i++)
    for (let j = 0; j < rank; j++) off = Math.max(off, Math.abs(o[i * rank + j]! - (i === j ? 1 : 0)));
  if (off <= 1e-3) return undefined;
  const inverse = inverseCholesky(o, rank);
  if (!inverse) return 'failed';
  return Float32Array.from(inverse, (c, i) => (c * rootE[Math.floor(i / rank)]!) / rootE[i % rank]!);
}

/**
 * Inverse of the lower Cholesky factor; undefined where the matrix is not well positive definite. In single precision,
 * as Kaldi's, so that it fails for the same matrices.
 */
function inverseCholesky(o: Float64Array, n: number): Float32Array | undefined {
  const c = new Float32Array(n * n);
  for (let j = 0; j < n; j++) {
    let left = Math.fround(o[j * n + j]!);
    for (let k = 0; k < j; k++) {
      let s = 0;
      for (let m = 0; m < k; m++) s = Math.fround(s + Math.fround(c[j * n + m]! * c[k * n + m]!));
      c[j * n + k] = (Math.fround(o[j * n + k]!) - s) / c[k * n + k]!;
      left = Math.fround(left - Math.fround(c[j * n + k]! * c[j * n + k]!));
    }
    if (!(left > 0)) return undefined;
    c[j * n + j] = Math.sqrt(left);
  }
  const inverse = new Float32Array(n * n);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let s = i === j ? 1 : 0;
      for (let m = j; m < i; m++) s = Math.fround(s - Math.fround(c[i * n + m]! * inverse[m * n + j]!));
      inverse[i * n + j] = s / c[i * n + i]!;
      if (!(inverse[i * n + j]! < 100)) return undefined;
    }
  return inverse;
}

/**
 * W with its rows made orthonormal one after the other, then scaled by E^(1/2) (OrthogonalizeRows in
 * matrix/kaldi-matrix.cc): the way out where {@link reorthogonalizer} fails.
 */
export function orthonormalRows(state: FisherState, alpha: number, w: Float32Array): Float32Array {
  const rank = state.d.length;
  const dim = w.length / rank;
  const out = Float64Array.from(w);
  const dot = (i: number, j: number): number => {
    let s = 0;
    for (let c = 0; c < dim; c++) s += out[i * dim + c]! * out[j * dim + c]!;
    return s;
  };
  for (let i = 0; i < rank; i++)
    for (let tries = 0; ; tries++) {
      const before = dot(i, i);
      for (let j = 0; j < i; j++) {
        const along = dot(i, j);
        for (let c = 0; c < dim; c++) out[i * dim + c]! -= along * out[j * dim + c]!;
      }
      const after = dot(i, i);
      // Where little is left it is mostly rounding: once more; where nothing is, another direction.
      if (!(after > 0) || tries > 100)
        for (let c = 0; c < dim; c++) out[i * dim + c] = c === (i + tries) % dim ? 1 : 0.01;
      else if (after > 0.01 * before) {
        for (let c = 0; c < dim; c++) out[i * dim + c]! /= Math.sqrt(after);
        break;
      }
    }
  const rootE = weightsE(state, alpha, dim).map(Math.sqrt);
  return Float32Array.from(out, (v, i) => v * rootE[Math.floor(i / dim)]!);
}
