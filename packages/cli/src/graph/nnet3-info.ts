import { networkInfo } from '@jebena/graph';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readNetwork } from './models.js';

export const program = defineProgram({
  name: 'nnet3-info',
  summary: 'Prints contexts, parameters, nodes and components of a raw network.',
  usage: ['<raw-nnet>'],
  options: defineOptions({}),
  args: [1, 1],
  run: async ([model]) => void process.stdout.write(networkInfo(await readNetwork(model!))),
});
