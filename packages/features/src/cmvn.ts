import type { AnyMatrix, Matrix } from '@jebena/io-ark';
import { UsageError } from '@jebena/options';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import { FeatureError } from './errors.js';

/**
 * Sums for mean and variance normalisation, as Kaldi keeps them: 2 x (dim + 1) doubles; row 0 the sums and, last, the
 * count of frames, row 1 the sums of squares.
 */
export type CmvnStats = Matrix<Float64Array>;

export const emptyCmvnStats = (dim: number): CmvnStats => ({
  rows: 2,
  cols: dim + 1,
  data: new Float64Array(2 * (dim + 1)),
});

/**
 * Adds the frames of some features to statistics.
 *
 * @param weights one a frame
 * @throws FeatureError where dimensions or the count of weights differ
 */
export function accumulateCmvn(stats: CmvnStats, feats: Matrix, weights?: ArrayLike<number>): void {
  const { rows, cols, data } = feats;
  if (rows > 0 && cols + 1 !== stats.cols)
    throw new FeatureError(`cmvn: expected features of dimension ${stats.cols - 1}, found ${cols}`);
  if (weights && weights.length !== rows)
    throw new FeatureError(`cmvn: expected ${rows} weights, one a frame, found ${weights.length}`);
  const sums = stats.data;
  for (let r = 0, i = 0; r < rows; r++) {
    const weight = weights ? weights[r]! : 1;
    sums[cols] = sums[cols]! + weight;
    for (let c = 0; c < cols; c++, i++) {
      const x = data[i]!;
      // Kaldi rounds each product to a float before it is added.
      sums[c] = sums[c]! + Math.fround(x * weight);
      sums[cols + 1 + c] = sums[cols + 1 + c]! + Math.fround(Math.fround(x * x) * weight);
    }
  }
}

/** The statistics of one matrix. */
export function cmvnStats(feats: Matrix, weights?: ArrayLike<number>): CmvnStats {
  const stats = emptyCmvnStats(feats.cols);
  accumulateCmvn(stats, feats, weights);
  return stats;
}

/**
 * Reads a list of columns as Kaldi's --skip-dims takes it: `13:14:15`.
 *
 * @throws UsageError for anything else
 */
export function parseDims(list: string): number[] {
  if (list.trim() === '') return [];
  return list.split(':').map((token) => {
    if (!/^\s*\d+\s*$/.test(token)) throw new UsageError(`skip-dims: expected a list as 13:14:15, found '${list}'`);
    return Number(token);
  });
}

export interface ApplyCmvnOptions {
  /** Subtract the mean (true when left out); without it nothing is changed. */
  readonly normMeans?: boolean | undefined;
  /** Divide by the deviation as well. */
  readonly normVars?: boolean | undefined;
  /** Undo the normalisation instead. */
  readonly reverse?: boolean | undefined;
  /** Columns to leave as they are. */
  readonly skipDims?: readonly number[] | undefined;
}

/**
 * Normalises features with statistics, which may be of more than themselves (a speaker, say).
 *
 * @returns a new matrix
 * @throws FeatureError where dimensions differ or the statistics hold less than one frame
 */
export function applyCmvn(feats: Matrix, stats: AnyMatrix, options: ApplyCmvnOptions = {}): Matrix {
  const { normMeans = true, normVars = false, reverse = false, skipDims = [] } = options;
  const { rows, cols } = feats;
  const dim = stats.cols - 1;
  if (stats.rows > 2 || stats.rows < 1 || cols !== dim)
    throw new FeatureError(`cmvn: expected features of dimension ${dim} (the statistics'), found ${cols}`);
  if (stats.rows === 1 && normVars)
    throw new FeatureError('cmvn: expected statistics of the variance (two rows), found one row');
  const count = stats.data[dim]!;
  if (!(count >= 1)) throw new FeatureError(`cmvn: expected statistics of at least 1 frame, found ${count}`);
  const data = feats.data.slice();
  if (!normMeans) return { rows, cols, data };
  for (let c = 0; c < dim; c++) {
    if (skipDims.includes(c)) continue;
    const mean = stats.data[c]! / count;
    const variance = normVars ? Math.max(stats.data[stats.cols + c]! / count - mean * mean, 1e-20) : 1;
    const deviation = Math.sqrt(variance);
    const scale = Math.fround(reverse ? deviation : 1 / deviation);
    const offset = Math.fround(reverse ? mean : -mean / deviation);
    for (let i = c; i < data.length; i += cols) data[i] = Math.fround(data[i]! * scale) + offset;
  }
  return { rows, cols, data };
}

/** Normalises each utterance by its own statistics. */
export const cmvn = (options: ApplyCmvnOptions & StageOptions = {}): Stage<Item<Matrix>, Item<Matrix>> =>
  cmvnWith((_, feats) => cmvnStats(feats), options);

/**
 * Normalises each utterance by the statistics that a function finds for it, its speaker's say.
 *
 * @example
 * ```ts
 * cmvnWith((key) => statsOf.get(utt2spk.get(key)), { normVars: true })
 * ```
 */
export function cmvnWith(
  statsFor: (key: string, feats: Matrix) => AnyMatrix | undefined,
  options: ApplyCmvnOptions & StageOptions = {},
): Stage<Item<Matrix>, Item<Matrix>> {
  const push = ([key, feats]: Item<Matrix>): Item<Matrix>[] => {
    if (feats.rows === 0) return [[key, feats]];
    const stats = statsFor(key, feats);
    if (!stats) throw new FeatureError(`key '${key}': expected cmvn statistics, found none`);
    return [[key, applyCmvn(feats, stats, options)]];
  };
  return stage(() => ({ push }), options);
}

/**
 * Reads features to their end and gives the statistics of each group, in the order in which the groups appear.
 *
 * @param groupOf the group (the speaker) of a key; the key itself when left out
 */
export async function collectCmvnStats(
  source: AsyncIterable<Item<Matrix>> | Iterable<Item<Matrix>>,
  groupOf: (key: string) => string = (key) => key,
): Promise<Map<string, CmvnStats>> {
  const groups = new Map<string, CmvnStats>();
  for await (const [key, feats] of source) {
    const group = groupOf(key);
    let stats = groups.get(group);
    if (!stats) groups.set(group, (stats = emptyCmvnStats(feats.cols)));
    accumulateCmvn(stats, feats);
  }
  return groups;
}
