import { chainTopology, ctcTopology, hmmTopology } from '@jebena/hmm';
import { choice, defineOptions, UsageError } from '@jebena/options';
import { writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { parseInts, topologyHolder } from './objects.js';

export const program = defineProgram({
  name: 'gen-topo',
  summary: 'Prints a topology: of HMMs, of chain models, or one in the manner of CTC.',
  usage: [
    '<num-nonsilence-states> <num-silence-states> <nonsilence-phones> <silence-phones> > topo',
    '--type=chain <nonsilence-phones> <silence-phones> > topo',
  ],
  options: defineOptions({ type: choice('hmm', ['hmm', 'chain', 'ctc'], 'Kind of topology') }),
  args: [2, 4],
  run: async (args, { type }) => {
    const [nonsilencePhones, silencePhones] = args.slice(-2).map((list) => parseInts(list, 'phones')) as [
      number[],
      number[],
    ];
    const all = [...nonsilencePhones, ...silencePhones].sort((a, b) => a - b);
    if (type !== 'hmm')
      return writeObject(topologyHolder, '-', (type === 'chain' ? chainTopology : ctcTopology)(all), false);
    if (args.length !== 4) throw new UsageError(`expected 4 arguments, found ${args.length}`);
    const [nonsilenceStates, silenceStates] = args.slice(0, 2).map((count) => parseInts(count, 'states')[0]!) as [
      number,
      number,
    ];
    const topology = hmmTopology({ nonsilencePhones, silencePhones, nonsilenceStates, silenceStates });
    return writeObject(topologyHolder, '-', topology, false);
  },
});
