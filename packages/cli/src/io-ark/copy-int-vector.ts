import { type Holder, int32VectorHolder } from '@jebena/io-ark';
import { bool, defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { areTables, copyTable, exitCode, readObject, writeObject } from './tables.js';

/** A file of its own holds the vector as models do, not as archives do. */
const inFile: Holder<Int32Array> = {
  what: 'a vector of integers',
  read: (input) => input.readInt32Vector(),
  write: (output, values) => output.writeInt32Vector(values),
};

export const program = defineProgram({
  name: 'copy-int-vector',
  summary: 'Copies vectors of integers, or archives of them (alignments).',
  usage: ['<vector-in-rspecifier> <vector-out-wspecifier>', '<vector-in-rxfilename> <vector-out-wxfilename>'],
  options: defineOptions({ binary: bool(true, 'Write in binary mode (only relevant if output is a wxfilename)') }),
  args: [2, 2],
  run: async ([input, output], { binary }, context) => {
    if (!areTables(input!, output!)) {
      await writeObject(inFile, output!, await readObject(inFile, input!), binary);
      return context.log(`Copied vector to ${output}`);
    }
    const holder = int32VectorHolder;
    const count = await copyTable([holder, input!], [holder, output!], (v): ArrayLike<number> => v, context);
    context.log(`Copied ${count} vectors of int32.`);
    return exitCode(count);
  },
});
