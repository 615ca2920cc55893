// Trains Kaldi's chain network on Kaldi's numerator lattices, in the time that it prints. Options: options.ts, or --help.
import { type Program, runProgram } from '@jebena/cli';
import { chainOptions } from './options.js';
import { runChain } from './run.js';

const program: Program<typeof chainOptions> = {
  name: 'digits-chain-from-lattices',
  summary: "Trains a TDNN-F by LF-MMI on numerator lattices of Kaldi's recipe, tests it and says what each stage took.",
  usage: [''],
  options: chainOptions,
  args: [0, 0],
  run: async (_, options) => {
    const { seconds } = await runChain(options, (line) => void process.stdout.write(`${line}\n`));
    const chain = ['graphs', 'examples', 'training'].reduce((sum, stage) => sum + seconds[stage]!, 0);
    process.stdout.write(`The chain stage took ${chain.toFixed(1)} s\n`);
  },
};

process.exitCode = await runProgram(program, process.argv.slice(2));
