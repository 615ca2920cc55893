import { rescoreLattice, wordModelOfNgrams } from '@jebena/decode';
import { ConstArpa } from '@jebena/hmm';
import { readAll } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';
import { defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyLattices } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-lmrescore-const-arpa',
  summary: "Adds a const-arpa model's costs, scaled, to the graph costs.",
  usage: ['<lattice-rspecifier> <const-arpa> <lattice-wspecifier>'],
  options: defineOptions({ lmScale: float(1, 'Scaling factor for language model costs') }),
  args: [3, 3],
  run: async ([input, modelFile, output], { lmScale }, context) => {
    const bytes = await readAll(nodeStorage({ allowPipes: true }).stream(modelFile!));
    const model = wordModelOfNgrams(ConstArpa.read(bytes, { path: modelFile! }));
    return copyLattices([input!, output!], (lattice) => rescoreLattice(lattice, model, lmScale), context);
  },
});
