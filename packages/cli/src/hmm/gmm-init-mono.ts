import { ContextTree } from '@jebena/hmm';
import { bool, defineOptions, text } from '@jebena/options';
import { defineProgram } from '../program.js';
import { initModel, readPhoneSets } from './init-model.js';

export const program = defineProgram({
  name: 'gmm-init-mono',
  summary: 'Makes a monophone tree and a model over it; its Gaussians are all alike.',
  usage: ['<topology-in> <dim> <model-out> <tree-out>'],
  options: defineOptions({
    binary: bool(true, 'Write output in binary mode'),
    sharedPhones: text('', 'File of sets of phones, one a line, that share their pdfs'),
  }),
  args: [4, 4],
  run: async (files, { binary, sharedPhones }, context) => {
    const sets = await readPhoneSets(sharedPhones);
    await initModel(files, binary, (topology) => ContextTree.monophone(topology, sets), context);
  },
});
