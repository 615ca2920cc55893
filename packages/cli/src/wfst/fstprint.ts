import { bool, defineOptions, text } from '@jebena/options';
import { fstLines } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, readSymbolFile, writeTextFile } from './files.js';

export const program = defineProgram({
  name: 'fstprint',
  summary: 'Prints a machine as text.',
  usage: ['[<binary.fst> [<text.fst>]]'],
  options: defineOptions({
    acceptor: bool(false, 'One label a line'),
    isymbols: text('', 'Symbol table of input labels'),
    osymbols: text('', 'Symbol table of output labels'),
    numeric: bool(false, 'Labels as numbers though the file holds symbol tables'),
    showWeightOne: bool(false, 'Print costs of 0 too'),
  }),
  args: [0, 2],
  run: async ([input, output], options) => {
    const fst = await readFstFile(input);
    const { acceptor, numeric, showWeightOne } = options;
    const inputSymbols = (await readSymbolFile(options.isymbols)) ?? (numeric ? undefined : fst.inputSymbols);
    const outputSymbols = (await readSymbolFile(options.osymbols)) ?? (numeric ? undefined : fst.outputSymbols);
    const lines = [...fstLines(fst, { acceptor, inputSymbols, outputSymbols, showWeightOne })];
    await writeTextFile(output, lines.map((line) => `${line}\n`).join(''));
  },
});
