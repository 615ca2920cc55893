import { trainRunOptions, trainRun, localJobs } from '@jebena/train/node';
import { fileURLToPath } from 'node:url';
import { defineProgram, type Program } from '../program.js';

/** A whole run of training: what Kaldi's steps/nnet3/train_*.py do. */
export const program: Program<typeof trainRunOptions> = defineProgram({
  name: 'train',
  summary:
    'Trains a model from features and alignments (or lattices, by LF-MMI), or from examples, as steps/nnet3/train_dnn.py, chain/train.py and their like do.',
  usage: [
    '',
    '--xconfig=FILE --data=DIR --ali=DIR --out=DIR',
    '--xconfig=FILE --data=DIR --tree-dir=DIR --lat-dir=DIR --out=DIR',
  ],
  options: trainRunOptions,
  spacedValues: true,
  args: [0, 0],
  run: async (_, options, context) => {
    const bin = fileURLToPath(new URL('../../bin/jebena.js', import.meta.url));
    const { signal, log, warn } = context;
    try {
      await trainRun(options, { runner: localJobs({ command: [process.execPath, bin] }), log, warn, signal });
      return 0;
    } catch (error) {
      if (!signal.aborted) throw error;
      warn(`interrupted; the same command goes on from ${options.out || options.dir}`);
      return 130;
    }
  },
});
