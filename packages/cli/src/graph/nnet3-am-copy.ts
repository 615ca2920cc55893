import { repeatedToBlockAffine, setLearningRate } from '@jebena/graph';
import { bool, defineOptions, text } from '@jebena/options';
import { defineProgram } from '../program.js';
import { changeOptions, edited, preparedForTest, scaled } from './model-changes.js';
import { networkOf, readAcousticModel, readNetwork, writeModel } from './models.js';

export const program = defineProgram({
  name: 'nnet3-am-copy',
  summary: 'Copies an acoustic model, or its network alone; may replace, edit, scale and prepare the network for test.',
  usage: ['<nnet-in> <nnet-out>'],
  options: defineOptions({
    ...changeOptions,
    raw: bool(false, "If true, write only 'raw' neural net without transition model and priors"),
    setRawNnet: text('', 'Takes the place of the network in the model, before anything else is done'),
    convertRepeatedToBlock: bool(false, 'Convert all RepeatedAffineComponents to BlockAffineComponents'),
  }),
  args: [2, 2],
  run: async ([input, output], options, { log }) => {
    const model = await readAcousticModel(input!);
    let network = options.setRawNnet ? await readNetwork(options.setRawNnet) : model.network;
    if (options.nnetConfig) network = await networkOf(options.nnetConfig, network);
    if (options.convertRepeatedToBlock) network = repeatedToBlockAffine(network);
    if (options.learningRate >= 0) network = setLearningRate(network, options.learningRate);
    network = scaled(await edited(network, options, log), options.scale);
    if (options.prepareForTest) network = preparedForTest(network);
    await writeModel(output!, options.raw ? network : model.with({ network }), options.binary);
    log(`Copied neural net from ${input} to ${options.raw ? 'raw format as ' : ''}${output}`);
  },
});
