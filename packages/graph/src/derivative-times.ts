import type { Engine, Tensor } from '@jebena/engine';
import { blocksOf, type AffineInput, type GradientSink } from './gradient-sink.js';
import { type Index, timeOf } from './indexes.js';

/** The times at which derivatives are taken; at others they count as zero, and nothing is learned there. */
export interface DerivativeTimes {
  readonly first: number;
  readonly last: number;
}

/** Blocks of rows: those from `start` on, not including `end`. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

/** The blocks whose times count; undefined where all do. Indexes are sorted by time. */
export function blocksWithin(indexes: readonly Index[], times: DerivativeTimes): BlockRange | undefined {
  let start = 0;
  let end = indexes.length;
  while (start < end && timeOf(indexes[start]!) < times.first) start++;
  while (end > start && timeOf(indexes[end - 1]!) > times.last) end--;
  return start === 0 && end === indexes.length ? undefined : { start, end };
}

/** A derivative with zeros in the rows that do not count. */
export function zeroOutside(engine: Engine, dy: Tensor, blocks: number, { start, end }: BlockRange): Tensor {
  const size = dy.rows / blocks;
  return engine.tidy(() => {
    const parts = [engine.sliceRows(dy, start * size, (end - start) * size)];
    if (start > 0) parts.unshift(engine.zeros(start * size, dy.cols));
    if (end < blocks) parts.push(engine.zeros((blocks - end) * size, dy.cols));
    return engine.concatRows(parts);
  });
}

/**
 * Hands on only the rows that count: for natural gradient, which looks at rows, rows of zeros are not the same as none.
 * What is not row by row, such as the patches of a convolution, goes on as it is.
 */
export class LimitedSink implements GradientSink {
  /** @param count rows of the matrix, in so many blocks */
  constructor(
    private readonly engine: Engine,
    private readonly target: GradientSink,
    private readonly blocks: number,
    private readonly count: number,
    private readonly range: BlockRange,
  ) {}

  private limited(t: Tensor): Tensor {
    const { blocks, count, range } = this;
    const size = count / blocks;
    return this.engine.sliceRows(t, range.start * size, (range.end - range.start) * size);
  }

  affine(weights: string, bias: string | undefined, x: AffineInput, dy: Tensor): void {
    const whole = (t: Tensor): boolean => t.rows === this.count;
    const byRows = !('of' in x) && whole(dy) && blocksOf(this.engine, x).every(whole);
    if (!byRows) return this.target.affine(weights, bias, x, dy);
    const blocks = blocksOf(this.engine, x).map((t) => this.limited(t));
    this.target.affine(weights, bias, blocks.length === 1 ? blocks[0]! : blocks, this.limited(dy));
  }

  rows(parameter: string, perRow: Tensor): void {
    this.target.rows(parameter, perRow.rows === this.count ? this.limited(perRow) : perRow);
  }

  whole(parameter: string, gradient: Tensor): void {
    this.target.whole(parameter, gradient);
  }
}
