import { type Holder, int32Holder, isWriteSpecifier, matrixHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyTable, readTable, writeObject } from './tables.js';

const line: Holder<number> = { ...int32Holder, write: (output, dim) => output.writeText(`${dim}\n`) };

export const program = defineProgram({
  name: 'feat-to-dim',
  summary: 'Writes the dimension of the first features to a file, or of all to a table.',
  usage: ['<feat-rspecifier> (<dim-wspecifier>|<dim-wxfilename>)'],
  options: defineOptions({}),
  args: [2, 2],
  run: async ([input, output], _, context) => {
    if (isWriteSpecifier(output!)) {
      await copyTable([matrixHolder, input!], [int32Holder, output!], (m) => m.cols, context);
      return;
    }
    for await (const [, { cols }] of readTable(matrixHolder, input!, context))
      return writeObject(line, output!, cols, false);
    throw new Error(`${input}: expected features, found an empty table`);
  },
});
