import { validateOptions } from '@jebena/io-ark';
import { validateDataDir } from '@jebena/io-ark/node';
import { defineProgram } from '../program.js';

export const program = defineProgram({
  name: 'validate-data-dir',
  summary: "Checks a data directory as Kaldi's utils/validate_data_dir.sh does, and tells all that is wrong.",
  usage: ['<data-dir>'],
  options: validateOptions,
  args: [1, 1],
  run: async ([path], options) => {
    const problems = await validateDataDir(path!, options);
    for (const problem of problems) process.stderr.write(`validate-data-dir: ${path}/${problem}\n`);
    if (problems.length > 0) return 1;
    process.stdout.write(`validate-data-dir: Successfully validated data-directory ${path}\n`);
    return 0;
  },
});
