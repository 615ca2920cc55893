import type { Matrix } from '@jebena/io-ark';
import { DecodeError } from './errors.js';

/** One row of scores as costs: negated and scaled. Reused from frame to frame. */
export class FrameScores {
  costs: Float32Array = new Float32Array(0);

  /** @param columns how many columns the graph needs */
  constructor(
    private readonly columns: number,
    private readonly acousticScale: number,
  ) {}

  /** @throws DecodeError when there are too few columns */
  check({ rows, cols }: Matrix): void {
    if (rows > 0 && cols < this.columns)
      throw new DecodeError(
        'ERR_DECODE_SCORES',
        `search: expected scores of at least ${this.columns} pdfs, found ${cols}`,
      );
  }

  /** @throws DecodeError when there is NaN in the row */
  load({ data, cols }: Matrix, row: number, frame: number): Float32Array {
    if (this.costs.length !== cols) this.costs = new Float32Array(cols);
    const { costs, acousticScale } = this;
    for (let c = 0, at = row * cols; c < cols; c++) {
      const value = data[at + c]!;
      // The one comparison that NaN fails, at no cost in this loop.
      // oxlint-disable-next-line no-self-compare
      if (value !== value)
        throw new DecodeError('ERR_DECODE_SCORES', `search: frame ${frame}, pdf ${c}: the score is NaN`);
      costs[c] = -acousticScale * value;
    }
    return costs;
  }
}
