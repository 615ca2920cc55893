import { createEngine } from '@jebena/engine/node';
import { defineOptions } from '@jebena/options';
import { collect } from '@jebena/stream';
import { outputObjectives } from '@jebena/train';
import { readNetwork } from '../graph/models.js';
import { defineProgram, type Program } from '../program.js';
import { combine, combineOptions } from './combine.js';
import { egsMinibatches } from './egs-minibatches.js';
import { pickEngine } from './pick-engine.js';
import { scriptOptions } from './script-options.js';

const options = defineOptions({ ...scriptOptions, ...combineOptions });

/** Averages as many of the networks, from the first, as does best on examples, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-combine',
  summary: 'Averages as many of the networks, from the first, as does best on examples; give the newest first.',
  usage: ['<nnet-in1> <nnet-in2> ... <nnet-inN> <valid-examples-in> <nnet-out>'],
  options,
  args: [3, Infinity],
  run: async (args, given, context) => {
    const [inputs, egs, output] = [args.slice(0, -2), args.at(-2)!, args.at(-1)!];
    const engine = await createEngine(pickEngine(given));
    const minibatches = await collect(egsMinibatches(egs, context));
    if (minibatches.length === 0) return (context.warn(`${egs}: there were no examples`), 1);
    const objective = outputObjectives(await readNetwork(inputs[0]!));
    await combine({ inputs, output }, minibatches, { engine, objective }, given, context);
    return 0;
  },
});
