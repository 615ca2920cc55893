import { type OptionValues, UsageError, bool, defineOptions, float, resolveOptions } from '@jebena/options';
import { type Matrix, row } from './matrix.js';

export const changeMatrixOptions = defineOptions({
  scale: float(1, 'Scale the matrices'),
  applyLog: bool(false, 'Take the logarithm, of values floored at 1e-20'),
  applyExp: bool(false, 'Take the exponential'),
  applyPower: float(1, 'Raise to this power'),
  applySoftmaxPerRow: bool(false, 'Take the softmax of each row'),
});

/**
 * Changes matrices as copy-matrix does on the way: scale, then log, exponential or softmax, then power.
 *
 * @returns the function that changes one; it leaves its argument as it is
 * @throws UsageError when more than one of log, exponential and softmax is asked for
 */
export function changeMatrix(given: Partial<OptionValues<typeof changeMatrixOptions>>): (m: Matrix) => Matrix {
  const { scale, applyLog, applyExp, applyPower, applySoftmaxPerRow } = resolveOptions(changeMatrixOptions, given);
  if ([applyLog, applyExp, applySoftmaxPerRow].filter(Boolean).length > 1)
    throw new UsageError('only one of --apply-log, --apply-exp and --apply-softmax-per-row can be given');
  return (m) => {
    let { data } = m;
    if (scale !== 1) data = data.map((v) => v * scale);
    if (applyLog) data = data.map((v) => Math.log(Math.max(v, 1e-20)));
    if (applyExp) data = data.map(Math.exp);
    if (applySoftmaxPerRow) data = softmax({ ...m, data });
    if (applyPower !== 1) data = data.map((v) => v ** applyPower);
    return { ...m, data };
  };
}

function softmax(m: Matrix): Float32Array {
  const data = new Float32Array(m.data.length);
  for (let r = 0; r < m.rows; r++) {
    const values = row(m, r);
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Float64Array.from(values, (v) => Math.exp(v - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    powers.forEach((v, c) => (data[r * m.cols + c] = v / sum));
  }
  return data;
}
