import { rescoreLattice, wordModelOfFst } from '@jebena/decode';
import { defineOptions, float } from '@jebena/options';
import { fstHolder } from '@jebena/wfst';
import { readObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { copyLattices } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-lmrescore',
  summary: "Adds a grammar's costs, scaled, to the graph costs: scale -1 takes a model out, 1 puts one in.",
  usage: ['<lattice-rspecifier> <lm-fst> <lattice-wspecifier>'],
  options: defineOptions({ lmScale: float(1, 'Scaling factor for language model costs') }),
  args: [3, 3],
  run: async ([input, grammarFile, output], { lmScale }, context) => {
    const model = wordModelOfFst(await readObject(fstHolder, grammarFile!));
    return copyLattices([input!, output!], (lattice) => rescoreLattice(lattice, model, lmScale), context);
  },
});
