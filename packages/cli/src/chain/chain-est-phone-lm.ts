import { PhoneLanguageModel } from '@jebena/chain';
import { int32VectorHolder } from '@jebena/io-ark';
import { atLeast, defineOptions, int } from '@jebena/options';
import { readTable } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { writeFstFile } from '../wfst/files.js';

const options = defineOptions({
  ngramOrder: int(4, 'Longest n-grams', atLeast(2)),
  noPruneNgramOrder: int(3, 'N-grams up to this order are all kept', atLeast(2)),
  numExtraLmStates: int(1000, 'States kept besides those', atLeast(0)),
});

/** Estimates the phone language model of LF-MMI, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'chain-est-phone-lm',
  summary: 'Estimates a language model of phones for the denominator of lattice-free MMI.',
  usage: ['<phone-sequences-rspecifier> <phone-lm-fst-out>'],
  options,
  args: [2, 2],
  run: async ([phones, fstOut], given, context) => {
    const estimator = new PhoneLanguageModel(given);
    let count = 0;
    for await (const [, sequence] of readTable(int32VectorHolder, phones!, context)) {
      estimator.add(sequence);
      count++;
    }
    const fst = estimator.estimate();
    await writeFstFile(fstOut, fst);
    context.log(`Estimated a language model of ${fst.numStates} states from ${count} phone sequences`);
  },
});
