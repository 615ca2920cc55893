import { type CtmEntry, formatCtm, latticeWordTimes } from '@jebena/decode';
import { bool, defineOptions, float, int } from '@jebena/options';
import { exitCode } from '../io-ark/tables.js';
import { writeText } from '../hmm/write-text.js';
import { defineProgram } from '../program.js';
import { eachLattice } from './lattice-program.js';

export const program = defineProgram({
  name: 'nbest-to-ctm',
  summary: 'Writes word times of word-aligned lattices of one path in ctm form, words as numbers.',
  usage: ['<aligned-linear-lattice-rspecifier> <ctm-wxfilename>'],
  options: defineOptions({
    printSilence: bool(false, 'If true, print optional-silence (<eps>) arcs'),
    frameShift: float(0.01, 'Time in seconds between frames'),
    precision: int(2, 'Number of decimal places for start duration times'),
  }),
  args: [2, 2],
  run: async ([input, output], { printSilence, frameShift, precision }, context) => {
    const entries: CtmEntry[] = [];
    const { done, failed } = await eachLattice(input!, context, [], async (lattice, utterance) => {
      for (const { word, start, length } of latticeWordTimes(lattice))
        if (word !== 0 || printSilence)
          entries.push({ utterance, start: start * frameShift, duration: length * frameShift, word: String(word) });
    });
    await writeText(output, formatCtm(entries, { precision }));
    context.log(`Converted ${done} linear lattices to ctm format; ${failed} had errors.`);
    return exitCode(done);
  },
});
