import { type Network, combineNetworks } from '@jebena/graph';
import { UsageError, bool, defineOptions, int, text } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readNetwork, writeModel } from './models.js';

export const program = defineProgram({
  name: 'nnet3-average',
  summary: 'Averages the parameters of raw networks.',
  usage: ['<model1> <model2> ... <modelN> <model-out>'],
  options: defineOptions({
    binary: bool(true, 'Write output in binary mode'),
    weights: text('', 'Colon-separated list of weights, one for each input model; they are made to sum to one'),
    numThreads: int(-1, "For Kaldi's sake; models are read one after the other"),
  }),
  args: [2, Infinity],
  run: async (args, { binary, weights }, { log, warn }) => {
    const [inputs, output] = [args.slice(0, -1), args.at(-1)!];
    const given = weights === '' ? inputs.map(() => 1 / inputs.length) : weights.split(':').map(Number);
    if (given.length !== inputs.length || given.some(Number.isNaN))
      throw new UsageError(`option --weights: expected ${inputs.length} numbers with colons, found '${weights}'`);
    const sum = given.reduce((a, b) => a + b, 0);
    if (Math.abs(sum - 1) > 0.01) warn(`Normalizing weights to sum to one, sum was ${sum}`);
    // Two networks are held at a time: there may be many and large ones.
    let total: Network | undefined;
    for (const [i, input] of inputs.entries()) {
      const network = await readNetwork(input);
      const weight = given[i]! / sum;
      total = total ? combineNetworks([total, network], [1, weight]) : combineNetworks([network], [weight]);
    }
    await writeModel(output, total!, binary);
    log(`Averaged parameters of ${inputs.length} neural nets, and wrote to ${output}`);
  },
});
