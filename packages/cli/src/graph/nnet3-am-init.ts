import { AcousticModel } from '@jebena/graph';
import { ContextTree, Topology, TransitionModel } from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { bool, defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readBytes, readNetwork, writeModel } from './models.js';

export const program = defineProgram({
  name: 'nnet3-am-init',
  summary: 'Makes an acoustic model of a network and a transition model, or a tree and a topology. Priors are not set.',
  usage: [
    '<tree-in> <topology-in> <input-raw-nnet> <output-am-nnet>',
    '<trans-model-in> <input-raw-nnet> <output-am-nnet>',
  ],
  options: defineOptions({ binary: bool(true, 'Write output in binary mode') }),
  args: [3, 4],
  run: async (args, { binary }, { log }) => {
    const [raw, output] = args.slice(-2);
    const input = async (path: string): Promise<KaldiInput> => new KaldiInput(await readBytes(path), { path });
    const transitions =
      args.length === 4
        ? TransitionModel.create(ContextTree.read(await input(args[0]!)), Topology.read(await input(args[1]!)))
        : TransitionModel.read(await input(args[0]!));
    await writeModel(output!, new AcousticModel(transitions, await readNetwork(raw!)), binary);
    log(`Initialized am-nnet (neural net acoustic model) and wrote to ${output}`);
  },
});
