import { UsageError } from '@jebena/options';
import type { Random } from './random.js';

export interface SplitterOptions {
  /** Chunk sizes in frames, the primary one first; `[-1]` for whole utterances. */
  readonly sizes: readonly number[];
  /** Frames by which adjacent primary chunks overlap by choice; others overlap in proportion. */
  readonly overlap?: number;
  /** Sizes are rounded up to multiples of it, and chunks start at multiples of it. */
  readonly frameSubsamplingFactor?: number;
}

/** Where one chunk lies in its utterance. */
export interface ChunkPlace {
  /** Its first frame. */
  readonly first: number;
  /** Its length in frames; the last may end up to a subsampling factor less one behind the utterance. */
  readonly frames: number;
  /** For each output row: one over the number of chunks that hold it; absent when all are 1. */
  readonly weights: Float32Array | undefined;
}

interface Split {
  readonly sizes: readonly number[];
  /** How long an utterance is that this split fits with the overlap asked for. */
  readonly duration: number;
}

/** How much worse than the best a split may be and still be drawn. */
const slack = 1.9999;

/**
 * Cuts utterances into chunks of a few allowed sizes (Kaldi: UtteranceSplitter, nnet3/nnet-example-utils.cc): any
 * number of primary chunks and at most two alternates, such that little is lost or covered twice. A frame lost costs
 * two, a frame covered twice beyond the overlap asked for costs one; among splits that cost less than two more than
 * the best, one is drawn. What is left goes in gaps that differ by at most one frame, what is too much in overlaps
 * in proportion to the shorter neighbour.
 *
 * Unlike Kaldi's, draws come from the generator that is passed in, two alternates count once and not twice, and
 * overlaps add up exactly.
 *
 * @example
 * ```ts
 * const splitter = new UtteranceSplitter({ sizes: [150, 120, 90, 75] });
 * splitter.split(310, Random.of(1, 'utt1')); // e.g. chunks of 75, 90 and 150 frames
 * ```
 */
export class UtteranceSplitter {
  /** The allowed sizes after rounding. */
  readonly sizes: readonly number[];
  /** Frames of the shortest utterance that gives a chunk. */
  readonly shortest: number;
  private readonly overlap: number;
  private readonly factor: number;
  private readonly longest: number;
  private readonly splits: readonly Split[];
  private readonly candidates = new Map<number, readonly Split[]>();

  /** @throws UsageError when a size or the overlap cannot be */
  constructor({ sizes, overlap = 0, frameSubsamplingFactor: factor = 1 }: SplitterOptions) {
    const bad = (what: string): never => {
      throw new UsageError(what);
    };
    if (!Number.isInteger(factor) || factor < 1) bad(`frame subsampling factor: expected 1 or more, found ${factor}`);
    const whole = sizes.length === 1 && sizes[0] === -1;
    if (!whole && (sizes.length === 0 || sizes.some((s) => !Number.isInteger(s) || s < 1)))
      bad(`chunk sizes: expected whole numbers above 0, or -1 alone, found '${sizes.join(',')}'`);
    this.sizes = whole ? [] : [...new Set(sizes.map((s) => Math.ceil(s / factor) * factor))];
    this.shortest = whole ? 1 : Math.min(...this.sizes);
    const primary = this.sizes[0] ?? Infinity;
    if (!Number.isInteger(overlap) || overlap < 0 || overlap >= primary)
      bad(`overlap: expected 0 or more and less than the primary chunk size ${primary}, found ${overlap}`);
    this.overlap = overlap;
    this.factor = factor;
    this.longest = 2 * Math.max(0, ...this.sizes) + primary;
    this.splits = whole ? [] : this.allSplits();
  }

  /** Every split that may be best for an utterance of up to `longest` frames: no, one or two alternates and primaries. */
  private allSplits(): Split[] {
    const [primary, ...alternates] = this.sizes as [number, ...number[]];
    const starts: number[][] = [[], ...alternates.map((a) => [a])];
    alternates.forEach((a, i) => starts.push(...alternates.slice(i).map((b) => [a, b])));
    const splits: Split[] = [];
    for (const start of starts) {
      for (let sizes = start; ; sizes = [...sizes, primary]) {
        const sorted = [...sizes].sort((a, b) => a - b);
        const duration = this.durationOf(sorted);
        if (duration > this.longest + primary) break;
        if (sorted.length > 0) splits.push({ sizes: sorted, duration });
      }
    }
    return splits;
  }

  private durationOf(sizes: readonly number[]): number {
    const share = this.overlap / this.sizes[0]!;
    return sizes.reduce((sum, size, i) => sum + size - (i > 0 ? share * Math.min(sizes[i - 1]!, size) : 0), 0);
  }

  /**
   * The sizes that may be drawn for an utterance, each in ascending order; none when it is shorter than every chunk.
   *
   * @param frames length of the utterance
   */
  splitsFor(frames: number): readonly (readonly number[])[] {
    if (this.sizes.length === 0) return frames > 0 ? [[Math.ceil(frames / this.factor) * this.factor]] : [];
    const primary = this.sizes[0]!;
    const repeats = Math.max(0, Math.ceil((frames - this.longest) / (primary - this.overlap)));
    const rest = this.best(frames - repeats * (primary - this.overlap));
    if (repeats === 0) return rest.map((s) => s.sizes);
    return rest.map((s) => [...s.sizes, ...Array<number>(repeats).fill(primary)].sort((a, b) => a - b));
  }

  private best(frames: number): readonly Split[] {
    const known = this.candidates.get(frames);
    if (known) return known;
    const costs = this.splits.map(({ sizes, duration }) => {
      if (sizes[sizes.length - 1]! > frames) return Infinity;
      return duration > frames ? duration - frames : 2 * (frames - duration);
    });
    const least = Math.min(...costs);
    const best = this.splits.filter((_, i) => costs[i]! < Infinity && costs[i]! < least + slack);
    this.candidates.set(frames, best);
    return best;
  }

  /**
   * Cuts an utterance.
   *
   * @param frames its length
   * @param random where the draws come from (which split, its direction, where gaps go)
   * @returns chunks in order of time; none when the utterance is shorter than every chunk
   */
  split(frames: number, random: Random): ChunkPlace[] {
    const candidates = this.splitsFor(frames);
    if (candidates.length === 0) return [];
    const sizes = [...candidates[random.below(candidates.length)]!];
    if (random.below(2) === 1) sizes.reverse();
    // From here on in units of the output: that keeps every start a multiple of the factor.
    const rows = sizes.map((size) => size / this.factor);
    const total = Math.ceil(frames / this.factor);
    const gaps = gapsBefore(total, rows, random);
    let at = 0;
    const starts = rows.map((size, i) => {
      const start = at + gaps[i]!;
      at = start + size;
      return start;
    });
    return this.placesAt(
      frames,
      starts.map((start, i) => [start * this.factor, sizes[i]!]),
    );
  }

  /**
   * Chunks where the caller wants them, with the weights of frames that are in several.
   *
   * @param frames length of the utterance
   * @param chunks first frame and length of each, multiples of the subsampling factor, in order of time
   */
  placesAt(frames: number, chunks: readonly (readonly [first: number, frames: number])[]): ChunkPlace[] {
    const starts = chunks.map(([first]) => first / this.factor);
    const rows = chunks.map(([, size]) => size / this.factor);
    const counts = coverage(Math.ceil(frames / this.factor), starts, rows);
    return chunks.map(([first, size], i) => ({
      first,
      frames: size,
      weights: counts && weightsOf(counts, starts[i]!, rows[i]!),
    }));
  }
}

/** The gap before each chunk: 0 or more where the chunks leave room, 0 or less between them where they do not. */
function gapsBefore(total: number, rows: readonly number[], random: Random): number[] {
  const room = total - rows.reduce((a, b) => a + b, 0);
  if (room >= 0) {
    const slots = rows.length + 1;
    const extra = room % slots;
    return random.shuffle(Array.from({ length: slots }, (_, i) => Math.floor(room / slots) + (i < extra ? 1 : 0)));
  }
  const shorter = rows.slice(1).map((size, i) => Math.min(size, rows[i]!));
  return [0, ...apportion(-room, shorter, random).map((overlap) => -overlap)];
}

/** Divides `total` in proportion to `parts`, in whole numbers that add up to it; largest remainders round up. */
function apportion(total: number, parts: readonly number[], random: Random): number[] {
  const sum = parts.reduce((a, b) => a + b, 0);
  const shares = parts.map((part) => Math.floor((total * part) / sum));
  const left = total - shares.reduce((a, b) => a + b, 0);
  const order = random.shuffle(parts.map((_, i) => i));
  order.sort((a, b) => ((total * parts[b]!) % sum) - ((total * parts[a]!) % sum));
  for (const i of order.slice(0, left)) shares[i]!++;
  return shares;
}

/** In how many chunks each row of the utterance is; undefined when in no more than one. */
function coverage(total: number, starts: readonly number[], rows: readonly number[]): Uint16Array | undefined {
  let end = 0;
  const apart = starts.every((start, i) => {
    const free = start >= end;
    end = start + rows[i]!;
    return free;
  });
  if (apart) return undefined;
  const counts = new Uint16Array(total);
  starts.forEach((start, i) => {
    for (let r = start; r < start + rows[i]!; r++) counts[r]!++;
  });
  return counts;
}

function weightsOf(counts: Uint16Array, start: number, rows: number): Float32Array | undefined {
  const weights = new Float32Array(rows);
  let one = true;
  for (let r = 0; r < rows; r++) {
    const count = counts[start + r]!;
    weights[r] = 1 / count;
    one &&= count === 1;
  }
  return one ? undefined : weights;
}
