import { type AnyVector, vectorHolder } from '@jebena/io-ark';
import { bool, defineOptions, float, int } from '@jebena/options';
import { defineProgram } from '../program.js';
import { areTables, copyTable, exitCode, readObject, writeObject } from './tables.js';

export const program = defineProgram({
  name: 'copy-vector',
  summary: 'Copies vectors, or archives of vectors (i-vectors, weights).',
  usage: ['<vector-in-rspecifier> <vector-out-wspecifier>', '<vector-in-rxfilename> <vector-out-wxfilename>'],
  options: defineOptions({
    binary: bool(true, 'Write in binary mode (only relevant if output is a wxfilename)'),
    changeDim: int(-1, 'Cut the vectors or pad them with zeros to this dimension, if not negative'),
    scale: float(1, 'Scale the vectors being copied'),
  }),
  args: [2, 2],
  run: async ([input, output], { binary, changeDim, scale }, context) => {
    const change = (v: Float32Array): AnyVector => {
      let result = v;
      if (changeDim >= 0) (result = new Float32Array(changeDim)).set(v.subarray(0, changeDim));
      return scale === 1 ? result : result.map((x) => x * scale);
    };
    if (!areTables(input!, output!)) {
      await writeObject(vectorHolder, output!, change(await readObject(vectorHolder, input!)), binary);
      return context.log(`Copied vector to ${output}`);
    }
    const count = await copyTable([vectorHolder, input!], [vectorHolder, output!], change, context);
    context.log(`Copied ${count} vectors.`);
    return exitCode(count);
  },
});
