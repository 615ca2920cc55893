import { bool, defineOptions, int, text } from '@jebena/options';
import { drawFst } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readFstFile, readSymbolFile, writeTextFile } from './files.js';

export const program = defineProgram({
  name: 'fstdraw',
  summary: "Prints a machine in Graphviz's language.",
  usage: ['[<binary.fst> [<text.dot>]]'],
  options: defineOptions({
    acceptor: bool(false, 'One label an arc'),
    isymbols: text('', 'Symbol table of input labels'),
    osymbols: text('', 'Symbol table of output labels'),
    numeric: bool(false, 'Labels as numbers though the file holds symbol tables'),
    title: text('', 'Title of the figure'),
    portrait: bool(false, 'Portrait instead of landscape'),
    vertical: bool(false, 'From bottom to top instead of from left to right'),
    fontsize: int(14, 'Size of the letters'),
    precision: int(5, 'Digits of a cost'),
  }),
  args: [0, 2],
  run: async ([input, output], { fontsize, isymbols, osymbols, numeric, ...options }) => {
    const fst = await readFstFile(input);
    const inputSymbols = (await readSymbolFile(isymbols)) ?? (numeric ? undefined : fst.inputSymbols);
    const outputSymbols = (await readSymbolFile(osymbols)) ?? (numeric ? undefined : fst.outputSymbols);
    await writeTextFile(output, drawFst(fst, { ...options, fontSize: fontsize, inputSymbols, outputSymbols }));
  },
});
