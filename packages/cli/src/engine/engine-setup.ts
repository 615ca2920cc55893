import { setUpEngine } from '@jebena/engine/node';
import { bool, defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'engine-setup',
  summary: 'Finds or builds the fastest engine for this machine, and says which it is.',
  usage: [''],
  options: defineOptions({ again: bool(false, 'Try again what failed less than a day ago') }),
  args: [0, 0],
  run: async (_args, { again }, { log }) => {
    const { line } = await setUpEngine({ again, progress: log });
    process.stdout.write(`${line}\n`);
  },
});
