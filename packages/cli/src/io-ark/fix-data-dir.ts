import { fixDataDir } from '@jebena/io-ark/node';
import { defineOptions } from '@jebena/options';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'fix-data-dir',
  summary: "Sorts a data directory and keeps what all its files have, as Kaldi's utils/fix_data_dir.sh does.",
  usage: ['<data-dir>'],
  options: defineOptions({}),
  args: [1, 1],
  run: async ([path]) => {
    const { changes } = await fixDataDir(path!);
    for (const change of changes) process.stdout.write(`fix-data-dir: ${change}\n`);
    process.stdout.write(`fix-data-dir: old files are kept in ${path}/.backup\n`);
  },
});
