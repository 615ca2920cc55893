import { ConstArpa, readArpa } from '@jebena/hmm';
import { UsageError, defineOptions, int } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readBytes, writeBytes } from '../wfst/files.js';
import { limited } from './arpa-warnings.js';

export const program = defineProgram({
  name: 'arpa-to-const-arpa',
  summary: 'Packs an ARPA language model, its words as integers, for rescoring.',
  usage: ['<input-arpa> <const-arpa>'],
  options: defineOptions({
    bosSymbol: int(-1, 'Label of <s>'),
    eosSymbol: int(-1, 'Label of </s>'),
    unkSymbol: int(-1, 'Label of the unknown word, -1 for none'),
    maxArpaWarnings: int(30, 'Warnings to show at most, -1 for all'),
  }),
  args: [2, 2],
  run: async ([input, output], { bosSymbol, eosSymbol, unkSymbol, maxArpaWarnings }, context) => {
    if (bosSymbol < 0 || eosSymbol < 0) throw new UsageError('expected --bos-symbol and --eos-symbol');
    const warnings = limited(context, maxArpaWarnings);
    const model = readArpa(
      await readBytes(input),
      { bos: String(bosSymbol), eos: String(eosSymbol), onWarning: warnings.warn },
      { path: input! },
    );
    warnings.close();
    await writeBytes(output, ConstArpa.of(model, unkSymbol).bytes());
  },
});
