import { alignPhones } from '@jebena/decode';
import { bool, defineOptions } from '@jebena/options';
import { compactLatticeHolder } from '@jebena/wfst';
import { transitionModelHolder } from '../hmm/objects.js';
import { readObject, tableWriter } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { eachLattice } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-align-phones',
  summary: 'Makes each arc stand for one phone; labels stay words unless they are replaced.',
  usage: ['<model> <lattice-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    outputErrorLats: bool(
      true,
      'If true, a lattice that cannot be aligned is written as far as it goes, with a warning',
    ),
    reorder: bool(true, 'Self-loops follow the transition out of their state'),
    removeEpsilon: bool(true, 'Join arcs without a label to what follows'),
    replaceOutputSymbols: bool(false, 'Replace the words by phones'),
  }),
  args: [3, 3],
  run: async ([modelFile, input, output], given, context) => {
    const model = await readObject(transitionModelHolder, modelFile!);
    const writer = tableWriter(compactLatticeHolder, output!);
    const options = {
      reorder: given.reorder,
      removeEpsilons: given.removeEpsilon,
      replaceLabels: given.replaceOutputSymbols,
    };
    let partial = 0;
    const { done, failed } = await eachLattice(input!, context, [writer], async (lattice, key) => {
      const { lattice: aligned, problem } = alignPhones(lattice, model, options);
      if (aligned.start < 0) throw new Error(problem ?? 'the lattice is empty');
      if (problem) {
        if (!given.outputErrorLats) throw new Error(problem);
        context.warn(`${key}: ${problem}; written as far as it goes`);
        partial++;
      }
      await writer.write(key, aligned);
    });
    const whole = done - partial;
    context.log(`Successfully aligned ${whole} lattices; ${failed + partial} had errors.`);
    return whole > failed + partial ? 0 : 1;
  },
});
