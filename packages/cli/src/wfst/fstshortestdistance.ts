import { formatFloat } from '@jebena/io-ark';
import { bool, defineOptions, float } from '@jebena/options';
import { shortestDistance } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, writeTextFile } from './files.js';

export const program = defineProgram({
  name: 'fstshortestdistance',
  summary: "Prints each state's distance from the start, or to the end.",
  usage: ['[<in.fst> [<distances.txt>]]'],
  options: defineOptions({
    reverse: bool(false, 'To the final states instead'),
    delta: float(1e-6, 'Changes below this are not followed'),
  }),
  args: [0, 2],
  run: async ([input, output], { reverse, delta }) => {
    const distance = shortestDistance(await readFstFile(input), { reverse, delta });
    const show = (d: number): string => (d === Infinity ? 'Infinity' : formatFloat(d, 9));
    await writeTextFile(output, Array.from(distance, (d, s) => `${s}\t${show(d)}\n`).join(''));
  },
});
