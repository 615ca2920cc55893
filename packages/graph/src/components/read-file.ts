import { KaldiInput, type Matrix } from '@jebena/io-ark';
import type { Start } from '../component.js';

/** A matrix in a file that the config names. */
export function matrixFile(start: Start, key: string): Matrix {
  const path = start.config.string(key);
  return new KaldiInput(start.file(path), { path }).readMatrix();
}

/** A vector in a file that the config names. */
export function vectorFile(start: Start, key: string): Float32Array {
  const path = start.config.string(key);
  return new KaldiInput(start.file(path), { path }).readVector();
}

/** Splits a matrix into all columns but the last, and the last: weights and bias. */
export function splitBias({ rows, cols, data }: Matrix): { linear: Matrix; bias: Float32Array } {
  const linear = { rows, cols: cols - 1, data: new Float32Array(rows * (cols - 1)) };
  const bias = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    linear.data.set(data.subarray(r * cols, (r + 1) * cols - 1), r * (cols - 1));
    bias[r] = data[(r + 1) * cols - 1]!;
  }
  return { linear, bias };
}
