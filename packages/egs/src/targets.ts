import type { Matrix } from '@jebena/io-ark';
import type { Targets } from './minibatch.js';

/** How many rows targets have. */
export function targetRows(targets: Targets): number {
  if (targets.kind === 'labels') return targets.labels.length;
  return targets.kind === 'posterior' ? targets.rowStart.length - 1 : targets.values.rows;
}

const everyRow = (start: number, count: number, stride: number, last: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.min(start + i * stride, last));

/**
 * Rows start, start + stride, ... (`count` of them) of targets; views where they stand side by side. A row behind the
 * last is the last (which happens only within the length tolerance).
 */
export function sliceTargets(targets: Targets, start: number, count: number, stride: number = 1): Targets {
  const last = targetRows(targets) - 1;
  const whole = stride === 1 && start + count - 1 <= last;
  switch (targets.kind) {
    case 'labels': {
      if (whole) return { ...targets, labels: targets.labels.subarray(start, start + count) };
      const rows = everyRow(start, count, stride, last);
      return { ...targets, labels: Int32Array.from(rows, (r) => targets.labels[r]!) };
    }
    case 'posterior': {
      if (whole) return { ...targets, rowStart: targets.rowStart.subarray(start, start + count + 1) };
      return pickPosterior(targets, everyRow(start, count, stride, last));
    }
    case 'dense':
      return { ...targets, values: sliceRows(targets.values, start, count, stride) };
  }
}

function pickPosterior(targets: Targets & { kind: 'posterior' }, rows: readonly number[]): Targets {
  const rowStart = new Int32Array(rows.length + 1);
  const labels: number[] = [];
  const weights: number[] = [];
  rows.forEach((r, i) => {
    for (let k = targets.rowStart[r]!; k < targets.rowStart[r + 1]!; k++) {
      labels.push(targets.labels[k]!);
      weights.push(targets.weights[k]!);
    }
    rowStart[i + 1] = labels.length;
  });
  return { ...targets, rowStart, labels: Int32Array.from(labels), weights: Float32Array.from(weights) };
}

/** Rows of a matrix, a view where they stand side by side; rows outside repeat the edge. */
export function sliceRows(m: Matrix, start: number, count: number, stride: number = 1): Matrix {
  const { rows, cols, data } = m;
  if (stride === 1 && start >= 0 && start + count <= rows)
    return { rows: count, cols, data: data.subarray(start * cols, (start + count) * cols) };
  const out = new Float32Array(count * cols);
  for (let i = 0; i < count; i++) {
    const r = Math.min(Math.max(start + i * stride, 0), rows - 1);
    out.set(data.subarray(r * cols, (r + 1) * cols), i * cols);
  }
  return { rows: count, cols, data: out };
}
