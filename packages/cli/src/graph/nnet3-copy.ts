import { setBatchNormTestMode, setLearningRate } from '@jebena/graph';
import { bool, defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { changeOptions, edited, preparedForTest, scaled } from './model-changes.js';
import { networkOf, readNetwork, writeModel } from './models.js';

export const program = defineProgram({
  name: 'nnet3-copy',
  summary: 'Copies a raw network; may lay a config over it, edit, scale and prepare it for test.',
  usage: ['<nnet-in> <nnet-out>'],
  options: defineOptions({
    ...changeOptions,
    batchnormTestMode: bool(false, "Batch-norm components' test mode is set to this value, without prepare-for-test"),
  }),
  args: [2, 2],
  run: async ([input, output], options, { log }) => {
    let network = await readNetwork(input!);
    if (options.nnetConfig) network = await networkOf(options.nnetConfig, network);
    if (options.learningRate >= 0) network = setLearningRate(network, options.learningRate);
    network = await edited(scaled(network, options.scale), options, log);
    network = options.prepareForTest
      ? preparedForTest(network)
      : setBatchNormTestMode(network, options.batchnormTestMode);
    await writeModel(output!, network, options.binary);
    log(`Copied raw neural net from ${input} to ${output}`);
  },
});
