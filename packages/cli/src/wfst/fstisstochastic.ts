import { formatFloat } from '@jebena/io-ark';
import { bool, defineOptions, float } from '@jebena/options';
import { stateSums } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, writeTextFile } from './files.js';

export const program = defineProgram({
  name: 'fstisstochastic',
  summary: 'Prints the least and greatest cost of what leaves a state; exits with 1 where one is not 0.',
  usage: ['[<in.fst>]'],
  options: defineOptions({
    delta: float(0.01, 'How far a cost may be from 0'),
    testInLog: bool(true, 'Sum in the log semiring'),
  }),
  args: [0, 1],
  run: async ([input], { delta, testInLog }) => {
    const { least, most } = stateSums(await readFstFile(input), testInLog ? 'log' : 'tropical');
    await writeTextFile('-', `${formatFloat(least, 6)} ${formatFloat(most, 6)}\n`);
    return Math.abs(least) <= delta && Math.abs(most) <= delta ? 0 : 1;
  },
});
