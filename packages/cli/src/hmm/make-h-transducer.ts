import { hTransducer } from '@jebena/hmm';
import { defineOptions, float, text } from '@jebena/options';
import { fstHolder } from '@jebena/wfst';
import { readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { labelInfoHolder } from './label-info.js';
import { transitionModelHolder, treeHolder } from './objects.js';
import { writeText } from './write-text.js';

export const program = defineProgram({
  name: 'make-h-transducer',
  summary: "Makes H, without self-loops, from transition ids to a context transducer's labels.",
  usage: ['<ilabel-info-file> <tree> <transition-model> [<H-fst-out>]'],
  options: defineOptions({
    transitionScale: float(1, 'Scale of transition probabilities (relative to LM)'),
    disambigSymsOut: text('', 'File to write the disambiguation symbols on the input side to'),
  }),
  args: [3, 4],
  run: async ([infoFile, treeFile, modelFile, output = '-'], { transitionScale, disambigSymsOut }) => {
    const labels = await readObject(labelInfoHolder, infoFile!);
    const tree = await readObject(treeHolder, treeFile!);
    const model = await readObject(transitionModelHolder, modelFile!);
    const { fst, disambig } = hTransducer(labels, tree, model, { transitionScale });
    if (disambigSymsOut) await writeText(disambigSymsOut, disambig.map((label) => `${label}\n`).join(''));
    await writeObject(fstHolder, output, fst, true);
  },
});
