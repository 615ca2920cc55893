import { bool, choice, defineOptions, text } from '@jebena/options';
import { parseFst, withCompiledProperties } from '@jebena/wfst';
import { defineProgram } from '../program.js';
import { readBytes, readSymbolFile, writeFstFile } from './files.js';

export const program = defineProgram({
  name: 'fstcompile',
  summary: 'Makes a machine of its text.',
  usage: ['[<text.fst> [<binary.fst>]]'],
  options: defineOptions({
    acceptor: bool(false, 'Lines hold one label'),
    arcType: choice('standard', ['standard', 'log'], 'Semiring'),
    fstType: choice('vector', ['vector', 'const', 'compact_acceptor'], 'Layout of the file'),
    isymbols: text('', 'Symbol table of input labels'),
    osymbols: text('', 'Symbol table of output labels'),
    keepIsymbols: bool(false, 'Store the table of input labels in the file'),
    keepOsymbols: bool(false, 'Store the table of output labels in the file'),
    keepStateNumbering: bool(false, 'Number states as the text does'),
  }),
  args: [0, 2],
  run: async ([input, output], options) => {
    const [inputSymbols, outputSymbols] = [
      await readSymbolFile(options.isymbols),
      await readSymbolFile(options.osymbols),
    ];
    const fst = parseFst(
      await readBytes(input),
      {
        acceptor: options.acceptor,
        inputSymbols,
        outputSymbols,
        keepStateNumbers: options.keepStateNumbering,
        semiring: options.arcType === 'log' ? 'log' : 'tropical',
      },
      { path: input ?? 'standard input' },
    );
    const kept = fst.with({
      inputSymbols: options.keepIsymbols ? inputSymbols : undefined,
      outputSymbols: options.keepOsymbols ? outputSymbols : undefined,
    });
    const vector = options.fstType === 'vector';
    await writeFstFile(output, vector ? withCompiledProperties(kept) : kept, { type: options.fstType });
  },
});
