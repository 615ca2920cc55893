import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeGraph } from '@jebena/hmm';
import { bool, defineOptions, float } from '@jebena/options';
import { fstHolder, writeFst } from '@jebena/wfst';
import type { Holder } from '@jebena/io-ark';
import { readLines } from '../io-ark/lines.js';
import { readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readInts, transitionModelHolder, treeHolder } from './objects.js';
import { writeText } from './write-text.js';

/** mkgraph.sh converts its result to the const form, which is read faster. */
const constHolder: Holder<Parameters<typeof writeFst>[0]> = {
  ...fstHolder,
  write: (output, fst) => output.writeBytes(writeFst(fst, { type: 'const' })),
};

export const program = defineProgram({
  name: 'mkgraph',
  summary: 'Builds HCLG from a lang folder with L_disambig.fst and G.fst and a model folder with tree and final.mdl.',
  usage: ['<lang-dir> <model-dir> <graph-dir>'],
  options: defineOptions({
    transitionScale: float(1, 'Scale of transition probabilities'),
    selfLoopScale: float(0.1, 'Scale of self-loop probabilities (1 for chain models)'),
    removeOov: bool(false, 'Remove arcs of words that are in lang/oov.txt from G'),
  }),
  args: [3, 3],
  run: async ([lang, modelDir, out], { transitionScale, selfLoopScale, removeOov }, context) => {
    const transitionModel = await readObject(transitionModelHolder, join(modelDir!, 'final.mdl'));
    const tree = await readObject(treeHolder, join(modelDir!, 'tree'));
    const lexicon = {
      fst: await readObject(fstHolder, join(lang!, 'L_disambig.fst')),
      disambig: await readInts(join(lang!, 'phones/disambig.int')),
    };
    let grammar = await readObject(fstHolder, join(lang!, 'G.fst'));
    if (removeOov) {
      const oov = new Set(await readInts(join(lang!, 'oov.int')));
      // An arc that costs without end is on no path.
      grammar = grammar.with({ weight: grammar.weight.map((w, a) => (oov.has(grammar.ilabel[a]!) ? Infinity : w)) });
    }
    const progress = (step: string, states: number, arcs: number): void =>
      context.log(`${step}: ${states} states, ${arcs} arcs`);
    const options = { transitionScale, selfLoopScale, progress };
    const graph = makeGraph({ lexicon, grammar, transitionModel, tree, options });
    await mkdir(join(out!, 'phones'), { recursive: true });
    for (const name of ['words.txt', 'phones.txt', 'phones/disambig.int'])
      await writeText(join(out!, name), (await readLines(join(lang!, name))).map((line) => `${line}\n`).join(''));
    await writeText(join(out!, 'num_pdfs'), `${transitionModel.numPdfs}\n`);
    await writeObject(constHolder, join(out!, 'HCLG.fst'), graph, true);
  },
});
