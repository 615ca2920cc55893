import { matrixHolder } from '@jebena/io-ark';
import { bool, defineOptions, float, int } from '@jebena/options';
import { featureTransform } from '@jebena/train';
import { writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readLdaStatistics } from './read-lda-statistics.js';

/** Makes a transform like LDA's, as Kaldi's program of this name does. */
export const program = defineProgram({
  name: 'nnet-get-feature-transform',
  summary: 'Makes a feature transform like that of LDA, which scales down what tells classes little.',
  usage: ['<matrix-out> <lda-stats-in1> <lda-stats-in2> ...'],
  options: defineOptions({
    binary: bool(true, 'Write the matrix in binary'),
    dim: int(-1, 'Rows that are kept; 0 or less: all'),
    withinClassFactor: float(0.0001, 'Variance of directions in which classes do not differ'),
    maxSingularValue: float(5, 'No singular value is larger; 0: no limit'),
    removeOffset: bool(true, 'Take the mean of the data to 0'),
  }),
  args: [2, Infinity],
  run: async ([output, ...inputs], { binary, ...settings }) =>
    writeObject(matrixHolder, output!, featureTransform(await readLdaStatistics(inputs), settings), binary),
});
