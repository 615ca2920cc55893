import { UsageError, defineOptions, text } from '@jebena/options';
import { relabel } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, readIntegers, writeFstFile } from './files.js';

export const program = defineProgram({
  name: 'fstrelabel',
  summary: 'Renames labels.',
  usage: ['[<in.fst> [<out.fst>]]'],
  options: defineOptions({
    relabelIpairs: text('', 'File with lines `old new` for input labels'),
    relabelOpairs: text('', 'File with lines `old new` for output labels'),
  }),
  args: [0, 2],
  run: async ([input, output], { relabelIpairs, relabelOpairs }) => {
    const fst = await readFstFile(input);
    const renamed = relabel(fst, { input: await pairs(relabelIpairs), output: await pairs(relabelOpairs) });
    await writeFstFile(output, renamed);
  },
});

async function pairs(name: string): Promise<Map<number, number> | undefined> {
  if (name === '') return undefined;
  const numbers = await readIntegers(name);
  if (numbers.length % 2 !== 0)
    throw new UsageError(`${name}: expected pairs of labels, found ${numbers.length} labels`);
  return new Map(Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i]!, numbers[2 * i + 1]!]));
}
