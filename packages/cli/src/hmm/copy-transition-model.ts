import { bool, defineOptions } from '@jebena/options';
import { readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { transitionModelHolder } from './objects.js';

export const program = defineProgram({
  name: 'copy-transition-model',
  summary: 'Copies a transition model, also out of a whole model file.',
  usage: ['<model-in> <transition-model-out>'],
  options: defineOptions({ binary: bool(true, 'Write output in binary mode') }),
  args: [2, 2],
  run: async ([input, output], { binary }, context) => {
    await writeObject(transitionModelHolder, output!, await readObject(transitionModelHolder, input!), binary);
    context.log('Copied transition model.');
  },
});
