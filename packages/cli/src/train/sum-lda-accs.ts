import { bool, defineOptions } from '@jebena/options';
import { ldaStatisticsHolder } from '@jebena/train';
import { writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readLdaStatistics } from './read-lda-statistics.js';

/** Adds up LDA statistics. */
export const program = defineProgram({
  name: 'sum-lda-accs',
  summary: 'Adds up LDA statistics.',
  usage: ['<lda-stats-out> <lda-stats-in1> <lda-stats-in2> ...'],
  options: defineOptions({ binary: bool(true, 'Write the statistics in binary') }),
  args: [2, Infinity],
  run: async ([output, ...inputs], { binary }) =>
    writeObject(ldaStatisticsHolder, output!, await readLdaStatistics(inputs), binary),
});
