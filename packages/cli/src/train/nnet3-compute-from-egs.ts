import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { bool, defineOptions, text } from '@jebena/options';
import { requestOf } from '@jebena/train';
import { readNetwork } from '../graph/models.js';
import { exitCode, writeItems } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { egsMinibatches } from './egs-minibatches.js';
import { pickEngine } from './pick-engine.js';

const options = defineOptions({
  outputName: text('output', 'Compute this output'),
  applyExp: bool(false, 'Write the exponential of the output'),
  ...engineOptions,
});

/** The outputs of a network for the frames that examples have targets for, as Kaldi's program of this name writes them. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-compute-from-egs',
  summary: 'Computes the output of a network on examples, one matrix for each example.',
  usage: ['<raw-nnet-in> <training-examples-in> <matrices-out>'],
  options,
  args: [3, 3],
  run: async ([modelIn, egs, output], given, context) => {
    const engine = await createEngine(pickEngine(given));
    const model = (await readNetwork(modelIn!)).load(engine);
    async function* outputs(): AsyncGenerator<[string, Matrix]> {
      for await (const minibatch of egsMinibatches(egs!, context)) {
        const y = engine.tidy(() => {
          const inputs = minibatch.inputs.map(({ name, feats }) => [
            name,
            engine.tensor(feats.rows, feats.cols, feats.data as Float32Array),
          ]);
          const pass = model.compute(requestOf(minibatch)).forward(Object.fromEntries(inputs));
          const computed = pass.output(given.outputName);
          const kept = engine.keep(given.applyExp ? engine.unary('exp', computed) : engine.scale(computed, 1));
          pass.dispose();
          return kept;
        });
        const data = (await engine.read(y)).slice();
        engine.dispose(y);
        yield [minibatch.key, { rows: y.rows, cols: y.cols, data }];
      }
    }
    const count = await writeItems([matrixHolder, output!], outputs());
    context.log(`Processed ${count} examples.`);
    return exitCode(count);
  },
});
