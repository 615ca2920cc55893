import { int32Holder, matrixHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyTable, readTable } from './tables.js';

export const program = defineProgram({
  name: 'feat-to-len',
  summary: 'Writes the length in frames of each utterance, or prints their sum.',
  usage: ['<in-rspecifier> [<out-wspecifier>]'],
  options: defineOptions({}),
  args: [1, 2],
  run: async ([input, output], _, context) => {
    if (output !== undefined) {
      await copyTable([matrixHolder, input!], [int32Holder, output], (m) => m.rows, context);
      return;
    }
    let sum = 0;
    for await (const [, { rows }] of readTable(matrixHolder, input!, context)) sum += rows;
    process.stdout.write(`${sum}\n`);
  },
});
