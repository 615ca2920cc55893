import { TrainingGraphCompiler } from '@jebena/hmm';
import { int32VectorHolder } from '@jebena/io-ark';
import { bool, defineOptions, float, int, text } from '@jebena/options';
import { fstHolder } from '@jebena/wfst';
import { exitCode, readObject, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readInts, transitionModelHolder, treeHolder } from './objects.js';

export const program = defineProgram({
  name: 'compile-train-graphs',
  summary: 'Makes training graphs of transcripts in word numbers, without transition probabilities unless asked.',
  usage: ['<tree> <model> <lexicon-fst> <transcriptions-rspecifier> <graphs-wspecifier>'],
  options: defineOptions({
    transitionScale: float(0, 'Scale of transition probabilities (excluding self-loops)'),
    selfLoopScale: float(0, 'Scale of self-loop versus non-self-loop probability mass'),
    reorder: bool(true, 'Put self-loops behind the transitions out of their states'),
    rmEps: bool(false, 'Remove [most] epsilons before minimization (only applicable if disambig symbols present)'),
    readDisambigSyms: text('', 'File of disambiguation symbols of phones'),
    batchSize: int(250, 'Kaldi compiles so many graphs at a time; here it changes nothing'),
  }),
  args: [5, 5],
  run: async ([treeFile, modelFile, lexiconFile, input, output], options, context) => {
    const compiler = new TrainingGraphCompiler({
      tree: await readObject(treeHolder, treeFile!),
      transitionModel: await readObject(transitionModelHolder, modelFile!),
      lexicon: { fst: await readObject(fstHolder, lexiconFile!), disambig: await readInts(options.readDisambigSyms) },
      options: { ...options, removeEpsilons: options.rmEps },
    });
    const writer = tableWriter(fstHolder, output!);
    let [done, failed] = [0, 0];
    await writing([writer], async () => {
      for await (const [key, words] of readTable(int32VectorHolder, input!, context))
        try {
          await writer.write(key, compiler.compile(words));
          done++;
        } catch (error) {
          context.warn(`Empty decoding graph for utterance ${key}: ${(error as Error).message}`);
          failed++;
        }
    });
    context.log(`compile-train-graphs: succeeded for ${done} graphs, failed for ${failed}`);
    return exitCode(done);
  },
});
