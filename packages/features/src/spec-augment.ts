import { type Matrix, matrix } from '@jebena/io-ark';
import { type OptionValues, atLeast, choice, defineOptions, int, resolveOptions, within, float } from '@jebena/options';
import type { Item, Stage, StageOptions } from '@jebena/stream';
import { matrixStage } from './frame-stream.js';
import { Random, seedFor } from './random.js';

/** SpecAugment (Park et al., 2019). */
export const specAugmentOptions = defineOptions({
  timeWarp: int(0, 'Most frames that a point in time is moved by; 0 warps nothing', atLeast(0)),
  freqMasks: int(2, 'Bands of columns to blank', atLeast(0)),
  maxFreqMask: int(10, 'Most columns of a band', atLeast(0)),
  timeMasks: int(2, 'Stretches of frames to blank', atLeast(0)),
  maxTimeMask: int(40, 'Most frames of a stretch', atLeast(0)),
  maxTimeProportion: float(0.2, 'Most of the utterance that a stretch may take', within(0, 1)),
  fill: choice('mean', ['mean', 'zero'] as const, 'What blanked values become: the mean of their matrix, or 0'),
});

export type SpecAugmentOptions = OptionValues<typeof specAugmentOptions>;

/** Warps time and blanks bands and stretches of features, by draws of `random`; frames stay as many. */
export function augmentSpectrum(feats: Matrix, random: Random, options: Partial<SpecAugmentOptions> = {}): Matrix {
  const o = resolveOptions(specAugmentOptions, options);
  const { rows, cols } = feats;
  const data = o.timeWarp > 0 ? warpTime(feats, random, o.timeWarp).data : feats.data.slice();
  const fill = o.fill === 'mean' && data.length > 0 ? data.reduce((a, b) => a + b, 0) / data.length : 0;
  for (let m = 0; m < o.freqMasks; m++) {
    const [from, to] = stretch(random, cols, Math.min(o.maxFreqMask, cols));
    for (let r = 0; r < rows; r++) data.fill(fill, r * cols + from, r * cols + to);
  }
  for (let m = 0; m < o.timeMasks; m++) {
    const [from, to] = stretch(random, rows, Math.min(o.maxTimeMask, Math.floor(o.maxTimeProportion * rows)));
    data.fill(fill, from * cols, to * cols);
  }
  return { rows, cols, data };
}

function stretch(random: Random, length: number, most: number): [from: number, to: number] {
  const size = random.integer(0, most);
  const from = random.integer(0, length - size);
  return [from, from + size];
}

/** Moves one point of the middle by up to `most` frames and stretches either side to fit. */
function warpTime(feats: Matrix, random: Random, most: number): Matrix {
  const { rows, cols, data } = feats;
  if (rows <= 2 * most + 1) return { rows, cols, data: data.slice() };
  const point = random.integer(most, rows - 1 - most);
  const moved = Math.min(rows - 2, Math.max(1, point + random.integer(-most, most)));
  const result = matrix(rows, cols);
  for (let r = 0; r < rows; r++) {
    const from = r <= moved ? (r * point) / moved : point + ((r - moved) * (rows - 1 - point)) / (rows - 1 - moved);
    const low = Math.min(rows - 2, Math.floor(from));
    const part = from - low;
    for (let c = 0; c < cols; c++)
      result.data[r * cols + c] = (1 - part) * data[low * cols + c]! + part * data[(low + 1) * cols + c]!;
  }
  return result;
}

/** SpecAugment on each matrix, from the seed and its key. */
export const specAugment = (
  options: Partial<SpecAugmentOptions> = {},
  { seed = 0, ...stageOptions }: StageOptions & { seed?: number } = {},
): Stage<Item<Matrix>, Item<Matrix>> =>
  matrixStage((feats, key) => augmentSpectrum(feats, new Random(seedFor(seed, key)), options), stageOptions);
