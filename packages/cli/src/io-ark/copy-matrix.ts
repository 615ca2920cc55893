import { type AnyMatrix, changeMatrix, changeMatrixOptions, matrixHolder } from '@jebena/io-ark';
import { bool, defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { areTables, copyTable, exitCode, readObject, writeObject } from './tables.js';

export const program = defineProgram({
  name: 'copy-matrix',
  summary: 'Copies matrices, or archives of matrices (features, transforms).',
  usage: ['<matrix-in-rspecifier> <matrix-out-wspecifier>', '<matrix-in-rxfilename> <matrix-out-wxfilename>'],
  options: defineOptions({
    binary: bool(true, 'Write in binary mode (only relevant if output is a wxfilename)'),
    ...changeMatrixOptions,
  }),
  args: [2, 2],
  run: async ([input, output], { binary, ...changes }, context) => {
    const change = changeMatrix(changes);
    if (!areTables(input!, output!)) {
      await writeObject<AnyMatrix>(matrixHolder, output!, change(await readObject(matrixHolder, input!)), binary);
      return context.log(`Copied matrix to ${output}`);
    }
    const count = await copyTable<Parameters<typeof change>[0], AnyMatrix>(
      [matrixHolder, input!],
      [matrixHolder, output!],
      change,
      context,
    );
    context.log(`Copied ${count} matrices.`);
    return exitCode(count);
  },
});
