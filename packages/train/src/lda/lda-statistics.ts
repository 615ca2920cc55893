import { type Holder, type KaldiInput, type KaldiOutput } from '@jebena/io-ark';
import { readPacked, writePacked } from './packed-matrix.js';

/** Means and covariances of rows by class: what linear discriminant analysis needs (transform/lda-estimate.cc). */
export class LdaStatistics {
  /** Weight of each class. */
  readonly zero: Float64Array;
  /** classes x dim: weighted sums. */
  readonly first: Float64Array;
  /** Lower triangle, row by row, of the weighted sum of x x^T over all classes. */
  readonly second: Float64Array;

  constructor(
    readonly dim: number,
    readonly classes: number,
  ) {
    if (!(dim > 0 && classes > 0))
      throw new RangeError(`LdaStatistics: expected a dim and classes above 0, found ${dim} and ${classes}`);
    this.zero = new Float64Array(classes);
    this.first = new Float64Array(classes * dim);
    this.second = new Float64Array((dim * (dim + 1)) / 2);
  }

  /** Adds one row of a class. */
  add(row: ArrayLike<number>, label: number, weight = 1): void {
    const { dim, first, second } = this;
    if (row.length !== dim || !(label >= 0 && label < this.classes))
      throw new RangeError(
        `LdaStatistics: expected rows of ${dim} and classes below ${this.classes}, found ${row.length} and ${label}`,
      );
    this.zero[label]! += weight;
    for (let i = 0, at = 0; i < dim; i++) {
      const value = weight * row[i]!;
      first[label * dim + i]! += value;
      for (let j = 0; j <= i; j++) second[at++]! += value * row[j]!;
    }
  }

  /** Adds what others gathered. */
  merge(other: LdaStatistics): void {
    if (other.dim !== this.dim || other.classes !== this.classes)
      throw new RangeError(
        `LdaStatistics: expected dim ${this.dim} and ${this.classes} classes, found ${other.dim} and ${other.classes}`,
      );
    for (const part of ['zero', 'first', 'second'] as const) other[part].forEach((v, i) => (this[part][i]! += v));
  }

  static read(input: KaldiInput): LdaStatistics {
    input.expectToken('<LDAACCS>');
    input.expectToken('<VECSIZE>');
    const dim = input.readInt32();
    input.expectToken('<NUMCLASSES>');
    const statistics = new LdaStatistics(dim, input.readInt32());
    input.expectToken('<ZERO_ACCS>');
    statistics.zero.set(input.readDoubleVector());
    input.expectToken('<FIRST_ACCS>');
    statistics.first.set(input.readDoubleMatrix().data);
    input.expectToken('<SECOND_ACCS>');
    statistics.second.set(readPacked(input));
    statistics.addMeans(1);
    input.expectToken('</LDAACCS>');
    return statistics;
  }

  write(output: KaldiOutput): void {
    const { dim, classes } = this;
    output.writeToken('<LDAACCS>');
    output.writeToken('<VECSIZE>');
    output.writeInt32(dim);
    output.writeToken('<NUMCLASSES>');
    output.writeInt32(classes);
    output.writeToken('<ZERO_ACCS>');
    output.writeVector(Float32Array.from(this.zero));
    output.writeToken('<FIRST_ACCS>');
    output.writeMatrix({ rows: classes, cols: dim, data: Float32Array.from(this.first) });
    output.writeToken('<SECOND_ACCS>');
    const centred = new LdaStatistics(dim, classes);
    centred.merge(this);
    centred.addMeans(-1);
    writePacked(output, dim, centred.second);
    output.writeToken('</LDAACCS>');
  }

  /** Files hold what is left when each class's own mean is taken out: single precision is then enough. */
  private addMeans(sign: 1 | -1): void {
    const { dim, zero, first, second } = this;
    zero.forEach((weight, c) => {
      if (weight === 0) return;
      for (let i = 0, at = 0; i < dim; i++)
        for (let j = 0; j <= i; j++) second[at++]! += (sign * first[c * dim + i]! * first[c * dim + j]!) / weight;
    });
  }
}

/** {@link LdaStatistics} in files. */
export const ldaStatisticsHolder: Holder<LdaStatistics> = {
  what: 'LDA statistics',
  read: (input) => LdaStatistics.read(input),
  write: (output, statistics) => statistics.write(output),
};
