import { acousticModelInfo } from '@jebena/graph';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readAcousticModel } from './models.js';

export const program = defineProgram({
  name: 'nnet3-am-info',
  summary: 'Prints dimensions, priors, nodes and components of an acoustic model.',
  usage: ['<nnet>'],
  options: defineOptions({}),
  args: [1, 1],
  run: async ([model]) => void process.stdout.write(acousticModelInfo(await readAcousticModel(model!))),
});
