import { bool, defineOptions, int } from '@jebena/options';
import { defineProgram } from '../program.js';
import { networkOf, readNetwork, writeModel } from './models.js';

export const program = defineProgram({
  name: 'nnet3-init',
  summary: 'Makes a raw network from a config file, or lays a config over an existing network.',
  usage: ['[<existing-model-in>] <config-in> <raw-nnet-out>'],
  options: defineOptions({
    binary: bool(true, 'Write output in binary mode'),
    srand: int(0, 'Seed for random number generator'),
  }),
  args: [2, 3],
  run: async (args, { binary, srand }, { log }) => {
    const [existing, config, output] = args.length === 3 ? args : [undefined, ...args];
    const base = existing === undefined ? undefined : await readNetwork(existing);
    if (base) log(`Read raw neural net from ${existing}`);
    await writeModel(output!, await networkOf(config!, base, srand), binary);
    log(`Initialized raw neural net and wrote it to ${output}`);
  },
});
