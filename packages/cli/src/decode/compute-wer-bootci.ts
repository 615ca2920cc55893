import { bootstrapImprovement, bootstrapWer, compareWords, type ErrorCount } from '@jebena/decode';
import { tokenVectorHolder } from '@jebena/io-ark';
import { choice, defineOptions, int, UsageError } from '@jebena/options';
import { openTable, readTable } from '../io-ark/tables.js';
import { writeText } from '../hmm/write-text.js';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'compute-wer-bootci',
  summary:
    'Computes a bootstrap 95 % confidence interval of the word error rate, and the probability that a second system is better.',
  usage: ['<ref-rspecifier> <hyp-rspecifier> [<hyp2-rspecifier>]'],
  options: defineOptions({
    mode: choice(
      'strict',
      ['present', 'all', 'strict'],
      'Utterances without a hypothesis: left out, counted as empty, or an error',
    ),
    replications: int(10000, 'Number of replications to compute the intervals'),
    seed: int(0, 'Same seed, same intervals'),
  }),
  args: [2, 3],
  run: async ([refIn, ...hypsIn], { mode, replications, seed }, context) => {
    const tables = hypsIn.map((hypIn) => openTable(tokenVectorHolder, hypIn, context));
    const counts: ErrorCount[][] = tables.map(() => []);
    for await (const [key, ref] of readTable(tokenVectorHolder, refIn!, context)) {
      const hyps = await Promise.all(tables.map((table) => table.get(key)));
      if (hyps.includes(undefined)) {
        if (mode === 'strict') throw new UsageError(`No hypothesis for key ${key} and strict mode specifier.`);
        if (mode === 'present') continue;
      }
      hyps.forEach((hyp, i) => {
        const { insertions, deletions, substitutions, refLength } = compareWords(ref, hyp ?? []);
        counts[i]!.push({ errors: insertions + deletions + substitutions, words: refLength });
      });
    }
    for (const table of tables) await table.close();
    const options = { replications, seed };
    const lines = counts.map((own, i) => {
      const { mean, interval } = bootstrapWer(own, options);
      const [low, high] = [mean - interval, mean + interval].map((v) => v.toFixed(2));
      return `Set${i + 1}: %WER ${mean.toFixed(2)} 95% Conf Interval [ ${low}, ${high} ]\n`;
    });
    if (counts.length > 1) {
      const share = bootstrapImprovement(counts[0]!, counts[1]!, options);
      lines.push(`Probability of Set2 improving Set1: ${(100 * share).toFixed(2)}\n`);
    }
    await writeText('-', lines.join(''));
  },
});
