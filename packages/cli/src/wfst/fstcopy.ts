import { defineOptions } from '@jebena/options';
import { fstHolder } from '@jebena/wfst';
import { copyTable, exitCode } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'fstcopy',
  summary: 'Copies tables of machines (graphs, indexed by utterance).',
  usage: ['<fst-rspecifier> <fst-wspecifier>'],
  options: defineOptions({}),
  args: [2, 2],
  run: async ([input, output], _options, context) => {
    const count = await copyTable([fstHolder, input!], [fstHolder, output!], (fst) => fst, context);
    context.log(`Copied ${count} FSTs.`);
    return exitCode(count);
  },
});
