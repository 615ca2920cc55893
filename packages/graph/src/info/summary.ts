import { type Matrix, formatFloat } from '@jebena/io-ark';

/** A number as C++ prints it by default (`%.6g`). */
export const short = (value: number): string => formatFloat(value, 6);

/** The same with three digits, as counts are printed. */
export const count3 = (count: number): string => formatFloat(count, 3);

/** `%.Nf`, a tie going to the even digit as in C. */
function fixed(value: number, digits: number): string {
  const scaled = Math.abs(value) * 10 ** digits;
  const low = Math.floor(scaled);
  if (scaled - low !== 0.5 || low % 2 !== 0) return value.toFixed(digits);
  return (Math.sign(value) * (low / 10 ** digits)).toFixed(digits);
}

/** Two digits or so (nnet-parse.cc, PrintFloatSuccinctly). */
function succinct(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000 && size >= 10) return fixed(value, 0);
  if (size >= 0.995) return fixed(value, 1);
  return size >= 0.01 ? fixed(value, 2) : formatFloat(value, 1);
}

const percentiles = [0, 1, 2, 5, 10, 20, 50, 80, 90, 95, 98, 99, 100];

/** All values of a short vector; of a long one percentiles, mean and standard deviation (SummarizeVector). */
export function summarize(values: ArrayLike<number>): string {
  const n = values.length;
  if (n < 10) return `[ ${Array.from(values, (v) => `${succinct(v)} `).join('')}]`;
  const { mean, stddev } = moments(values);
  const sorted = Float32Array.from(values).sort();
  const text = percentiles.map((p) => succinct(sorted[Math.floor(((n - 1) * p) / 100)]!));
  const groups = [text.slice(0, 4), text.slice(4, 9), text.slice(9)].map((group) => group.join(','));
  return (
    `[percentiles(0,1,2,5 10,20,50,80,90 95,98,99,100)=(${groups.join(' ')}), ` +
    `mean=${formatFloat(mean, 3)}, stddev=${formatFloat(stddev, 3)}]`
  );
}

/** Mean and standard deviation, rounded to single precision where Kaldi rounds. */
function moments(values: ArrayLike<number>): { mean: number; stddev: number; rms: number } {
  const n = values.length;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    sum += values[i]!;
    squares += values[i]! * values[i]!;
  }
  const mean = Math.fround(Math.fround(sum) / n);
  const power = Math.fround(Math.fround(squares) / n);
  // Where all values are nearly alike the difference may fall below 0.
  const variance = Math.max(0, Math.fround(power - Math.fround(mean * mean)));
  return { mean, stddev: Math.fround(Math.sqrt(variance)), rms: Math.fround(Math.sqrt(power)) };
}

/** `, name-rms=...`. */
export const rmsOf = (name: string, values: ArrayLike<number>): string =>
  `, ${name}-rms=${formatFloat(moments(values).rms, 4)}`;

/** `, name-{mean,stddev}=...`. */
export function meanOf(name: string, values: ArrayLike<number>): string {
  const { mean, stddev } = moments(values);
  return `, ${name}-{mean,stddev}=${formatFloat(mean, 4)},${formatFloat(stddev, 4)}`;
}

/** Root mean square of a matrix, and the norms of its rows and columns. */
export function normsOf(name: string, { rows, cols, data }: Matrix): string {
  const rowSquares = new Float64Array(rows);
  const colSquares = new Float64Array(cols);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const square = data[r * cols + c]! ** 2;
      rowSquares[r]! += square;
      colSquares[c]! += square;
    }
  }
  const norms = (squares: Float64Array): Float32Array => Float32Array.from(squares, Math.sqrt);
  return (
    `${rmsOf(name, data)}, ${name}-row-norms=${summarize(norms(rowSquares))}` +
    `, ${name}-col-norms=${summarize(norms(colSquares))}`
  );
}
