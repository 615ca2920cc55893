import { type AnyMatrix, type Matrix, matrix } from '@jebena/io-ark';
import {
  type OptionValues,
  UsageError,
  atLeast,
  bool,
  defineOptions,
  float,
  int,
  resolveOptions,
  text,
} from '@jebena/options';
import type { Item, Stage, StageOptions } from '@jebena/stream';
import { accumulateCmvn, applyCmvn, type CmvnStats, emptyCmvnStats, parseDims } from './cmvn.js';
import { FeatureError } from './errors.js';
import { FrameBuffer, type FrameBufferState, type FrameStream, matrixStage, wholeThrough } from './frame-stream.js';

/** Kaldi's OnlineCmvnOptions (feat/online-feature.h). */
export const onlineCmvnOptions = defineOptions({
  cmnWindow: int(600, 'Frames of the sliding window', atLeast(1)),
  globalFrames: int(200, 'Frames that the global statistics may stand for', atLeast(0)),
  speakerFrames: int(600, "Frames that the speaker's earlier utterances may stand for", atLeast(0)),
  normVars: bool(false, 'Divide by the deviation as well'),
  normMeans: bool(true, 'Subtract the mean'),
  skipDims: text('', 'Columns to leave as they are, as 13:14:15'),
  speechRange: float(
    0,
    'Count only frames whose mean over the columns lies at most so far below the highest one yet: of log energies, speech without its pauses; 0: all (not in Kaldi)',
    atLeast(0),
  ),
});

export type OnlineCmvnOptions = OptionValues<typeof onlineCmvnOptions>;

/** Where a normalisation stands, as plain data. */
export interface OnlineCmvnState {
  readonly frames: FrameBufferState;
  readonly window: Float64Array;
  readonly frozen?: Float64Array | undefined;
  readonly highest: number;
}

/**
 * Normalises each frame by the frames before it, without delay. Where they are few, the speaker's earlier utterances
 * fill in, and after them the global statistics (Kaldi's OnlineCmvn).
 */
export class OnlineCmvn implements FrameStream {
  private readonly options: OnlineCmvnOptions;
  private readonly skipDims: number[];
  private readonly frames = new FrameBuffer();
  private readonly window: CmvnStats;
  private frozen: CmvnStats | undefined;
  /** The highest mean of a frame yet, with `speechRange`. */
  private highest: number;

  /**
   * @param globalStats of the whole corpus, as matrix-sum gives them; they must hold a frame or more
   * @param speakerStats of the speaker's earlier utterances; `accumulateCmvn` adds one to them
   * @throws UsageError where normVars is asked for without normMeans, or the frames do not nest
   */
  constructor(
    private readonly globalStats: AnyMatrix,
    options: Partial<OnlineCmvnOptions> = {},
    private readonly speakerStats?: AnyMatrix,
  ) {
    const o = (this.options = resolveOptions(onlineCmvnOptions, options));
    if (o.normVars && !o.normMeans) throw new UsageError('cmvn-online: expected norm-means with norm-vars, found none');
    this.skipDims = parseDims(o.skipDims);
    this.window = emptyCmvnStats(globalStats.cols - 1);
    // Until something louder comes, as if speech at the lower end of what is usual had been heard.
    const frames = globalStats.data[globalStats.cols - 1]!;
    let usual = 0;
    for (let c = 0; c < globalStats.cols - 1; c++) usual += globalStats.data[c]! / frames / (globalStats.cols - 1);
    this.highest = usual - o.speechRange;
    if (!(frames > 0)) throw new FeatureError('cmvn-online: expected global statistics of 1 frame or more, found none');
    if (o.normVars && globalStats.rows < 2)
      throw new FeatureError('cmvn-online: expected global statistics of the variance (two rows), found one row');
  }

  push(frames: Matrix): Matrix {
    if (frames.rows === 0) return matrix(0, this.window.cols - 1);
    if (frames.cols !== this.window.cols - 1)
      throw new FeatureError(
        `cmvn-online: expected features of dimension ${this.window.cols - 1} (the statistics'), found ${frames.cols}`,
      );
    const from = this.frames.end;
    this.frames.push(frames);
    const { cols } = frames;
    const result = matrix(frames.rows, cols);
    for (let r = 0; r < frames.rows; r++) {
      this.slide(from + r);
      const row = { rows: 1, cols, data: frames.data.subarray(r * cols, (r + 1) * cols) };
      const { normMeans, normVars } = this.options;
      const stats = this.frozen ?? this.smoothed();
      result.data.set(applyCmvn(row, stats, { normMeans, normVars, skipDims: this.skipDims }).data, r * cols);
    }
    this.frames.forget(this.frames.end - this.options.cmnWindow);
    return result;
  }

  flush(): Matrix {
    return matrix(0, this.window.cols - 1);
  }

  /** Normalises all later frames as the last one. */
  freeze(): void {
    this.frozen = this.smoothed();
  }

  /** Where it stands; it may go on meanwhile. */
  state(): OnlineCmvnState {
    const { highest } = this;
    return {
      frames: this.frames.state(),
      window: this.window.data.slice(),
      frozen: this.frozen?.data.slice(),
      highest,
    };
  }

  /** Goes on from where one of the same options and statistics stood. */
  restore({ frames, window, frozen, highest }: OnlineCmvnState): void {
    this.highest = highest;
    this.frames.restore(frames);
    this.window.data.set(window);
    this.frozen = frozen && { ...this.window, data: frozen.slice() };
  }

  private slide(t: number): void {
    const { speechRange, cmnWindow } = this.options;
    const level = speechRange > 0 ? this.level(t) : -Infinity;
    if (level > this.highest) {
      this.highest = level;
      this.window.data.fill(0);
      // Some of what counted so far may have been a pause after all.
      for (let back = Math.max(0, t - cmnWindow + 1); back <= t; back++) this.add(back, 1);
      return;
    }
    this.add(t, 1);
    const leaving = t - cmnWindow;
    if (leaving >= 0) this.add(leaving, -1);
  }

  /** Mean of a frame over its columns. */
  private level(t: number): number {
    const { cols } = this.frames;
    const from = this.frames.at(t);
    let sum = 0;
    for (let i = from; i < from + cols; i++) sum += this.frames.values[i]!;
    return sum / cols;
  }

  private add(t: number, sign: number): void {
    const { speechRange } = this.options;
    if (speechRange > 0 && this.level(t) < this.highest - speechRange) return;
    const { data, cols } = this.window;
    const { values } = this.frames;
    for (let c = 0, i = this.frames.at(t); c < cols - 1; c++, i++) {
      const x = values[i]!;
      data[c] = data[c]! + sign * x;
      data[cols + c] = data[cols + c]! + sign * x * x;
    }
    data[cols - 1] = data[cols - 1]! + sign;
  }

  /** The window's statistics, filled up from the speaker's and the global ones. */
  private smoothed(): CmvnStats {
    const { cmnWindow, speakerFrames, globalFrames } = this.options;
    const stats: CmvnStats = { ...this.window, data: this.window.data.slice() };
    const countAt = stats.cols - 1;
    const fill = (other: AnyMatrix, most: number): void => {
      const count = other.data[countAt]!;
      const wanted = Math.min(cmnWindow - stats.data[countAt]!, most);
      if (!(wanted > 0 && count > 0)) return;
      for (let i = 0; i < other.data.length; i++) stats.data[i] = stats.data[i]! + (wanted / count) * other.data[i]!;
    };
    if (this.speakerStats) fill(this.speakerStats, Math.min(speakerFrames, this.speakerStats.data[countAt]!));
    fill(this.globalStats, globalFrames);
    return stats;
  }
}

/**
 * Adds the frames of an utterance to statistics that `OnlineCmvn` takes with the same `speechRange`: with 0 all, else
 * those whose mean lies at most so far below that of the highest.
 */
export function accumulateSpeech(stats: CmvnStats, feats: Matrix, speechRange: number): void {
  const { rows, cols, data } = feats;
  if (speechRange === 0) return accumulateCmvn(stats, feats);
  const levels = new Float64Array(rows);
  for (let i = 0; i < data.length; i++) levels[Math.floor(i / cols)]! += data[i]! / cols;
  const lowest = Math.max(...levels) - speechRange;
  accumulateCmvn(
    stats,
    feats,
    levels.map((level) => (level < lowest ? 0 : 1)),
  );
}

/** Normalises a whole utterance frame by frame, as Kaldi's apply-cmvn-online. */
export const onlineCmvn = (
  feats: Matrix,
  globalStats: AnyMatrix,
  options: Partial<OnlineCmvnOptions> = {},
  speakerStats?: AnyMatrix,
): Matrix => wholeThrough(new OnlineCmvn(globalStats, options, speakerStats), feats);

/**
 * Normalises each utterance as an online decoder would.
 *
 * @param speakerOf the speaker of a key: utterances of one speaker then fill in for the later ones
 */
export function cmvnOnline(
  globalStats: AnyMatrix,
  options: Partial<OnlineCmvnOptions> = {},
  { speakerOf, ...stageOptions }: StageOptions & { speakerOf?: (key: string) => string } = {},
): Stage<Item<Matrix>, Item<Matrix>> {
  return (source) => {
    const speakers = new Map<string, CmvnStats>();
    const normalise = (feats: Matrix, key: string): Matrix => {
      const speaker = speakerOf?.(key);
      if (speaker === undefined) return onlineCmvn(feats, globalStats, options);
      const stats = speakers.get(speaker) ?? emptyCmvnStats(globalStats.cols - 1);
      const result = onlineCmvn(feats, globalStats, options, stats);
      accumulateSpeech(stats, feats, options.speechRange ?? 0);
      speakers.set(speaker, stats);
      return result;
    };
    return matrixStage(normalise, stageOptions)(source);
  };
}
