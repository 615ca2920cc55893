import type { Matrix } from '@jebena/io-ark';

/** Samples cut into pieces of uneven length. */
export function* pieces(samples: Float32Array): Generator<Float32Array> {
  for (let at = 0, n = 1; at < samples.length; at += n, n = (n * 7) % 1013) yield samples.slice(at, at + n);
}

/** Matrices under one another; those of no rows may have any columns. */
export function joinRows(parts: readonly Matrix[]): Matrix {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const cols = parts.find((part) => part.rows > 0)?.cols ?? 0;
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, cols, data };
}
