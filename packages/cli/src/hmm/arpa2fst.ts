import { arpaToFst, readArpa } from '@jebena/hmm';
import { UsageError, bool, defineOptions, int, text } from '@jebena/options';
import { SymbolTable, formatSymbols } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readBytes, readSymbolFile, writeFstFile, writeTextFile } from '../wfst/files.js';
import { limited } from './arpa-warnings.js';

export const program = defineProgram({
  name: 'arpa2fst',
  summary: 'Makes G of an ARPA language model.',
  usage: ['<input-arpa> [<output-fst>]'],
  options: defineOptions({
    bosSymbol: text('<s>', 'Symbol that begins a sentence'),
    eosSymbol: text('</s>', 'Symbol that ends a sentence'),
    disambigSymbol: text('', 'Symbol, #0, for the input of back-off arcs; <s> and </s> become epsilons then'),
    readSymbolTable: text('', 'Use this symbol table; n-grams of words that it lacks are left out'),
    writeSymbolTable: text('', 'Write the symbol table that was made to this file'),
    keepSymbols: bool(false, 'Store the symbol table with the machine; always where none is read or written'),
    ilabelSort: bool(true, 'Sort arcs by input label'),
    maxArpaWarnings: int(30, 'Warnings to show at most, -1 for all'),
  }),
  args: [1, 2],
  run: async ([input, output], options, context) => {
    const { bosSymbol, eosSymbol, disambigSymbol, readSymbolTable, writeSymbolTable } = options;
    const read = await readSymbolFile(readSymbolTable);
    const symbols = read ?? new SymbolTable(output ?? '', [['<eps>', 0]]);
    if (!read && disambigSymbol !== '') symbols.add(disambigSymbol);
    const disambig = disambigSymbol === '' ? 0 : symbols.find(disambigSymbol);
    if (disambig === undefined)
      throw new UsageError(`symbol table ${readSymbolTable} has no symbol for ${disambigSymbol}`);
    for (const symbol of [bosSymbol, eosSymbol]) symbols.add(symbol);
    const warnings = limited(context, options.maxArpaWarnings);
    const model = readArpa(
      await readBytes(input),
      { symbols, unknown: read ? 'skip' : 'add', bos: bosSymbol, eos: eosSymbol, onWarning: warnings.warn },
      { path: input! },
    );
    warnings.close();
    const keep = options.keepSymbols || (!read && writeSymbolTable === '');
    const fst = arpaToFst(model, { disambig, sort: options.ilabelSort, symbols: keep ? symbols : undefined });
    if (writeSymbolTable !== '') await writeTextFile(writeSymbolTable, formatSymbols(symbols));
    await writeFstFile(output, fst);
    context.log(`G has ${fst.numStates} states and ${fst.numArcs} arcs`);
  },
});
