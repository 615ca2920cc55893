import { alignOptions, forcedAlign } from '@jebena/decode';
import { floatHolder, formatFloat, int32VectorHolder } from '@jebena/io-ark';
import { defineOptions, text } from '@jebena/options';
import { fstHolder } from '@jebena/wfst';
import { readAcousticModel } from '../graph/models.js';
import { exitCode, openTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { needed } from './lattice-program.js';
import { networkOptions, networkScores } from './network-scores.js';

export const program = defineProgram({
  name: 'nnet3-align-compiled',
  summary: 'Aligns features to training graphs by a network.',
  usage: ['<nnet-in> <graphs-rspecifier> <features-rspecifier> <alignments-wspecifier> [<scores-wspecifier>]'],
  options: defineOptions({
    ...networkOptions,
    ...alignOptions,
    writePerFrameAcousticLoglikes: text('', 'Kaldi writes these; not written here', (v) =>
      v ? 'expected nothing' : undefined,
    ),
  }),
  args: [4, 5],
  run: async ([modelFile, graphsIn, input, output, scoresOut], options, context) => {
    const model = await readAcousticModel(modelFile!);
    const { scores, counts, close } = await networkScores(model, input!, options, context);
    const { beam, retryBeam, acousticScale, transitionScale, selfLoopScale } = options;
    const align = { beam, retryBeam, acousticScale, transitionScale, selfLoopScale };
    const graphs = openTable(fstHolder, graphsIn!, context);
    const alignments = tableWriter(int32VectorHolder, output!);
    const likes = scoresOut ? tableWriter(floatHolder, scoresOut) : undefined;
    let [done, failed, retried, like, frames] = [0, 0, 0, 0, 0];
    await writing([alignments, likes], async () => {
      for await (const [key, loglikes] of scores)
        try {
          const graph = needed(await graphs.get(key), 'graph');
          const aligned = forcedAlign(graph, model.transitions, loglikes, align);
          if (!aligned) throw new Error('no path to the end of its graph');
          await alignments.write(key, aligned.alignment);
          await likes?.write(key, -aligned.logLike);
          like += aligned.logLike;
          frames += loglikes.rows;
          retried += aligned.retried ? 1 : 0;
          done++;
        } catch (error) {
          if (context.signal.aborted) throw error;
          context.warn(`Did not successfully decode file ${key}, len = ${loglikes.rows}: ${(error as Error).message}`);
          failed++;
        }
    });
    await graphs.close();
    await close();
    failed += counts.failed;
    context.log(`Overall log-likelihood per frame is ${formatFloat(like / frames, 6)} over ${frames} frames.`);
    context.log(`Retried ${retried} out of ${done + failed} utterances.`);
    context.log(`Done ${done}, errors on ${failed}`);
    return exitCode(done);
  },
});
