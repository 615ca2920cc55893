import { anyExampleHolder, EgsInfo } from '@jebena/egs';
import { defineOptions } from '@jebena/options';
import { readTable } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'nnet3-egs-info',
  summary: 'Prints what an archive of examples holds: counts, sizes, dimensions, an average picture of the features.',
  usage: ['<egs-rspecifier>'],
  options: defineOptions({}),
  args: [1, 1],
  run: async ([input], _options, context) => {
    const info = new EgsInfo();
    let count = 0;
    for await (const [, example] of readTable(anyExampleHolder, input!, context)) {
      info.add(example);
      count++;
    }
    if (count === 0) return 1;
    process.stdout.write(`${info.lines().join('\n')}\n`);
    return 0;
  },
});
