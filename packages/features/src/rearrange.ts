import { type AnyMatrix, type Matrix, matrix } from '@jebena/io-ark';
import { type OptionValues, UsageError, atLeast, defineOptions, int, resolveOptions } from '@jebena/options';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import { FeatureError } from './errors.js';
import { matrixStage } from './frame-stream.js';

export const subsampleOptions = defineOptions({
  n: int(1, 'Take every n-th frame; negative: repeat each frame -n times', (n) =>
    n === 0 ? 'expected a number other than 0' : undefined,
  ),
  offset: int(0, 'First frame to take', atLeast(0)),
});

export type SubsampleOptions = OptionValues<typeof subsampleOptions>;

/** Every n-th frame, or each frame n times, as Kaldi's subsample-feats. */
export function subsampleFrames(feats: Matrix, options: Partial<SubsampleOptions> = {}): Matrix {
  const { n, offset } = resolveOptions(subsampleOptions, options);
  if (n < 0 && offset !== 0) throw new UsageError(`subsample: expected no offset with a negative n, found ${offset}`);
  const { cols, data } = feats;
  const rows = n > 0 ? Math.max(0, Math.ceil((feats.rows - offset) / n)) : feats.rows * -n;
  const result = matrix(rows, cols);
  for (let r = 0; r < rows; r++) {
    const from = n > 0 ? offset + r * n : Math.trunc(r / -n);
    result.data.set(data.subarray(from * cols, (from + 1) * cols), r * cols);
  }
  return result;
}

/** Subsamples each matrix; those of which no frame is left are dropped. */
export function subsample(
  options: Partial<SubsampleOptions> = {},
  stageOptions?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> {
  const push = ([key, feats]: Item<Matrix>): Item<Matrix>[] => {
    const result = subsampleFrames(feats, options);
    return result.rows === 0 ? [] : [[key, result]];
  };
  return stage(() => ({ push }), stageOptions);
}

/**
 * Puts features side by side, as Kaldi's paste-feats.
 *
 * @param lengthTolerance frames by which they may differ; all are then cut to the shortest
 * @throws FeatureError where they differ by more
 */
export function pasteFeats(parts: readonly Matrix[], lengthTolerance: number = 0): Matrix {
  const lengths = parts.map((part) => part.rows);
  const rows = Math.min(...lengths);
  if (Math.max(...lengths) - rows > lengthTolerance || rows === 0)
    throw new FeatureError(
      `paste: expected matrices of equal lengths, up to ${lengthTolerance} frames, found ${lengths.join(', ')}`,
    );
  const result = matrix(
    rows,
    parts.reduce((sum, part) => sum + part.cols, 0),
  );
  let to = 0;
  for (const { cols, data } of parts) {
    for (let r = 0; r < rows; r++) result.data.set(data.subarray(r * cols, (r + 1) * cols), r * result.cols + to);
    to += cols;
  }
  return result;
}

/** Puts beside each matrix what a function finds for its key. */
export const paste = (
  others: (key: string) => readonly Matrix[],
  { lengthTolerance = 0, ...stageOptions }: StageOptions & { lengthTolerance?: number } = {},
): Stage<Item<Matrix>, Item<Matrix>> =>
  matrixStage((feats, key) => pasteFeats([feats, ...others(key)], lengthTolerance), stageOptions);

/**
 * Reads a selection of columns as select-feats takes it: `0,24-22,3-12`; a range may run backwards.
 *
 * @throws UsageError for anything else
 */
export function parseColumns(selection: string): number[] {
  return selection.split(',').flatMap((token) => {
    const match = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(token);
    if (!match) throw new UsageError(`columns: expected a selection as 0,24-22,3-12, found '${selection}'`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    const step = last < first ? -1 : 1;
    return Array.from({ length: Math.abs(last - first) + 1 }, (_, i) => first + step * i);
  });
}

/**
 * The columns asked for, in that order.
 *
 * @throws FeatureError for a column that is not there
 */
export function selectColumns(feats: Matrix, columns: readonly number[]): Matrix {
  const missing = columns.find((c) => !(c >= 0 && c < feats.cols));
  if (missing !== undefined)
    throw new FeatureError(`columns: expected numbers from 0 to ${feats.cols - 1}, found ${missing}`);
  const result = matrix(feats.rows, columns.length);
  for (let r = 0, i = 0; r < feats.rows; r++)
    for (const c of columns) result.data[i++] = feats.data[r * feats.cols + c]!;
  return result;
}

/** Selects columns of each matrix, by number or as text (`0,24-22,3-12`). */
export const select = (
  columns: string | readonly number[],
  stageOptions?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> => {
  const numbers = typeof columns === 'string' ? parseColumns(columns) : columns;
  return matrixStage((feats) => selectColumns(feats, numbers), stageOptions);
};

/**
 * Multiplies each frame by a matrix: linear where it has as many columns as the features, affine where it has one more
 * (the last is then the offset), as Kaldi's transform-feats.
 *
 * @throws FeatureError for other dimensions
 */
export function transformFeats(feats: Matrix, transform: AnyMatrix): Matrix {
  const { rows, cols, data } = feats;
  if (transform.cols !== cols && transform.cols !== cols + 1)
    throw new FeatureError(
      `transform: expected ${cols} or ${cols + 1} columns for features of dimension ${cols}, found ${transform.cols}`,
    );
  const result = matrix(rows, transform.rows);
  for (let r = 0, i = 0; r < rows; r++)
    for (let k = 0; k < transform.rows; k++) {
      const at = k * transform.cols;
      let sum = transform.cols > cols ? transform.data[at + cols]! : 0;
      for (let c = 0; c < cols; c++) sum += data[r * cols + c]! * transform.data[at + c]!;
      result.data[i++] = sum;
    }
  return result;
}

/** Transforms each matrix by one matrix, or by that which a function finds for its key (the speaker's, say). */
export const transform = (
  by: AnyMatrix | ((key: string) => AnyMatrix | undefined),
  stageOptions?: StageOptions,
): Stage<Item<Matrix>, Item<Matrix>> =>
  matrixStage((feats, key) => {
    const found = typeof by === 'function' ? by(key) : by;
    if (!found) throw new FeatureError('expected a transform, found none');
    return transformFeats(feats, found);
  }, stageOptions);
