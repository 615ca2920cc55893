import { addSelfLoops } from '@jebena/hmm';
import { bool, defineOptions, float, text } from '@jebena/options';
import { fstHolder } from '@jebena/wfst';
import { readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readInts, transitionModelHolder } from './objects.js';

export const program = defineProgram({
  name: 'add-self-loops',
  summary: 'Adds self-loops and their probabilities to a graph over transition ids.',
  usage: ['<transition-model> [<fst-in>] [<fst-out>]'],
  options: defineOptions({
    selfLoopScale: float(1, 'Scale for self-loop probabilities relative to LM'),
    reorder: bool(true, 'If true, put the self-loops behind the transitions out of their states (faster)'),
    disambigSyms: text('', 'File of disambiguation symbols in the graph, one a line'),
  }),
  args: [1, 3],
  run: async ([modelFile, input = '-', output = '-'], { selfLoopScale, reorder, disambigSyms }) => {
    const model = await readObject(transitionModelHolder, modelFile!);
    const disambig = new Set(await readInts(disambigSyms));
    const graph = addSelfLoops(await readObject(fstHolder, input), model, { selfLoopScale, reorder, disambig });
    await writeObject(fstHolder, output, graph, true);
  },
});
