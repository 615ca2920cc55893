import type { Minibatch } from '@jebena/egs';
import { engineOptions } from '@jebena/engine';
import { createEngine } from '@jebena/engine/node';
import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { bool, defineOptions, text } from '@jebena/options';
import { map } from '@jebena/stream';
import { outputsOf } from '@jebena/train';
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
    const network = await readNetwork(modelIn!);
    const outputs = outputsOf(network, engine, egsMinibatches(egs!, context), { ...given, signal: context.signal });
    const named = map(([{ key }, y]: [Minibatch, Matrix]): [string, Matrix] => [key, y])(outputs);
    const count = await writeItems([matrixHolder, output!], named);
    context.log(`Processed ${count} examples.`);
    return exitCode(count);
  },
});
