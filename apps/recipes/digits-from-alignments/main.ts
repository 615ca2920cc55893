// Trains three networks on connected digits from a Kaldi recipe's alignments by `jebena train`. Options: options.ts, or --help.
import { type Program, runProgram } from '@jebena/cli';
import { recipeOptions } from './options.js';
import { runRecipe } from './recipe.js';

const program: Program<typeof recipeOptions> = {
  name: 'digits-from-alignments',
  summary: 'Trains a TDNN, an LSTM and a CNN-TDNN on connected digits from alignments, and tests them.',
  usage: [''],
  options: recipeOptions,
  args: [0, 0],
  run: async (_, options, { signal }) => {
    await runRecipe(options, signal, (line) => void process.stdout.write(`${line}\n`));
  },
};

process.exitCode = await runProgram(program, process.argv.slice(2));
