import { type AnyMatrix, type Matrix, matrixHolder, row } from '@jebena/io-ark';
import { UsageError, bool, defineOptions, float, type OptionValues } from '@jebena/options';
import { defineProgram } from '../program.js';
import { areTables, copyTable, exitCode, readObject, writeObject } from './tables.js';

const options = defineOptions({
  binary: bool(true, 'Write in binary mode (only relevant if output is a wxfilename)'),
  scale: float(1, 'Scale the matrices being copied'),
  applyLog: bool(false, 'Take the logarithm, of values floored at 1e-20'),
  applyExp: bool(false, 'Take the exponential'),
  applyPower: float(1, 'Raise to this power'),
  applySoftmaxPerRow: bool(false, 'Take the softmax of each row'),
});

export const program = defineProgram({
  name: 'copy-matrix',
  summary: 'Copies matrices, or archives of matrices (features, transforms).',
  usage: ['<matrix-in-rspecifier> <matrix-out-wspecifier>', '<matrix-in-rxfilename> <matrix-out-wxfilename>'],
  options,
  args: [2, 2],
  run: async ([input, output], given, context) => {
    const { applyLog, applyExp, applySoftmaxPerRow, binary } = given;
    if ([applyLog, applyExp, applySoftmaxPerRow].filter(Boolean).length > 1)
      throw new UsageError('only one of --apply-log, --apply-exp and --apply-softmax-per-row can be given');
    const change = (m: Matrix): AnyMatrix => changed(m, given);
    if (!areTables(input!, output!)) {
      await writeObject(matrixHolder, output!, change(await readObject(matrixHolder, input!)), binary);
      return context.log(`Copied matrix to ${output}`);
    }
    const count = await copyTable([matrixHolder, input!], [matrixHolder, output!], change, context);
    context.log(`Copied ${count} matrices.`);
    return exitCode(count);
  },
});

function changed(m: Matrix, options: OptionValues<typeof program.options>): Matrix {
  const { scale, applyLog, applyExp, applyPower, applySoftmaxPerRow } = options;
  let { data } = m;
  if (scale !== 1) data = data.map((v) => v * scale);
  if (applyLog) data = data.map((v) => Math.log(Math.max(v, 1e-20)));
  if (applyExp) data = data.map(Math.exp);
  if (applySoftmaxPerRow) data = softmax({ ...m, data });
  if (applyPower !== 1) data = data.map((v) => v ** applyPower);
  return { ...m, data };
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
