import { compareWords, WordErrorRate } from '@jebena/decode';
import { type Holder, int32VectorHolder, tokenVectorHolder } from '@jebena/io-ark';
import { bool, choice, defineOptions, UsageError } from '@jebena/options';
import { openTable, readTable } from '../io-ark/tables.js';
import { writeText } from '../hmm/write-text.js';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'compute-wer',
  summary: 'Computes word and sentence error rates of a hypothesis against a reference.',
  usage: ['<ref-rspecifier> <hyp-rspecifier>'],
  options: defineOptions({
    mode: choice(
      'strict',
      ['present', 'all', 'strict'],
      'Scoring mode for utterances without a hypothesis: left out, counted as empty, or an error',
    ),
    text: bool(false, 'Expect strings, not integers, as input.'),
  }),
  args: [2, 2],
  run: async ([refIn, hypIn], { mode, text }, context) => {
    const holder: Holder<ArrayLike<string | number>, never> = text ? tokenVectorHolder : int32VectorHolder;
    const hyps = openTable(holder, hypIn!, context);
    const total = new WordErrorRate();
    let absent = 0;
    for await (const [key, ref] of readTable(holder, refIn!, context)) {
      const hyp = await hyps.get(key);
      if (hyp === undefined) {
        if (mode === 'strict') throw new UsageError(`No hypothesis for key ${key} and strict mode specifier.`);
        absent++;
        if (mode === 'present') continue;
      }
      total.add(compareWords(ref, hyp ?? []));
    }
    await hyps.close();
    const closing = `Scored ${total.sentences} sentences, ${absent} not present in hyp.\n`;
    await writeText('-', `${total}\n${total.sentenceLine()}\n${closing}`);
  },
});
