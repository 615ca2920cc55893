import { denominatorFst, normalizationFst } from '@jebena/chain';
import { defineOptions } from '@jebena/options';
import { transitionModelHolder, treeHolder } from '../hmm/objects.js';
import { readObject } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { readFstFile, writeFstFile } from '../wfst/files.js';

const options = defineOptions({});

/** Makes the denominator graph and the normalization graph, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'chain-make-den-fst',
  summary: 'Makes the denominator graph of lattice-free MMI, and the graph that numerators are composed with.',
  usage: ['<tree> <transition-model> <phone-lm-fst> <denominator-fst-out> <normalization-fst-out>'],
  options,
  args: [5, 5],
  run: async ([tree, model, phoneLm, denominatorOut, normalizationOut], _, context) => {
    const fst = denominatorFst(
      await readObject(treeHolder, tree!),
      await readObject(transitionModelHolder, model!),
      await readFstFile(phoneLm),
    );
    await writeFstFile(denominatorOut, fst);
    await writeFstFile(normalizationOut, normalizationFst(fst));
    context.log(`Wrote a denominator graph of ${fst.numStates} states and ${fst.numArcs} arcs to ${denominatorOut}`);
  },
});
