import { boostLattice } from '@jebena/decode';
import { int32VectorHolder } from '@jebena/io-ark';
import { defineOptions, float, text } from '@jebena/options';
import { openTable, readObject } from '../io-ark/tables.js';
import { parseInts, transitionModelHolder } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { copyLattices, needed } from './lattice-program.js';

export const program = defineProgram({
  name: 'lattice-boost-ali',
  summary: 'Boosts the likelihood of arcs with frames in error, for boosted MMI.',
  usage: ['<model> <lattice-rspecifier> <alignments-rspecifier> <lattice-wspecifier>'],
  options: defineOptions({
    b: float(0.05, 'Boosting factor (more -> more boosting of errors / larger margin)'),
    maxSilenceError: float(0, 'Maximum error assigned to silence phones; 1: no special treatment'),
    silencePhones: text('', 'Colon-separated list of integer ids of silence phones'),
  }),
  args: [4, 4],
  run: async ([modelFile, input, aliIn, output], { b, maxSilenceError, silencePhones }, context) => {
    const model = await readObject(transitionModelHolder, modelFile!);
    const options = { b, maxSilenceError, silencePhones: parseInts(silencePhones, '--silence-phones') };
    const alignments = openTable(int32VectorHolder, aliIn!, context);
    const code = await copyLattices(
      [input!, output!],
      async (lattice, key) => boostLattice(lattice, model, needed(await alignments.get(key), 'alignment'), options),
      context,
    );
    await alignments.close();
    return code;
  },
});
