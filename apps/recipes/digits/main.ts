// `npm start`: trains and tests a recogniser of connected digits. Options: see options.ts, or --help.
import { join } from 'node:path';
import { type Program, runProgram } from '@jebena/cli';
import { digitsOptions } from './options.js';
import { runDigits } from './run.js';

const program: Program<typeof digitsOptions> = {
  name: 'digits',
  summary: 'Trains a recogniser of connected digits from a flat start, tests it and writes a report.',
  usage: [''],
  options: digitsOptions,
  args: [0, 0],
  run: async (_, options, { signal }) => {
    await runDigits(options, signal, {
      say: (text) => void process.stdout.write(`${text}\n`),
    });
    const { out } = options;
    process.stdout.write(
      `Report: ${join(out, 'report.html')}\nTo recognise recordings: npx jebena recognise ${out} FILE.wav\n`,
    );
  },
};

process.exitCode = await runProgram(program, process.argv.slice(2));
