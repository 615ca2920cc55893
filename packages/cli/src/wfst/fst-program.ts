import type { OptionSpecs, OptionValues } from '@jebena/options';
import type { Fst } from '@jebena/wfst';
import { type Program, type ProgramContext, defineProgram } from '../program.js';
import { readFstFile, writeFstFile } from './files.js';

interface FstOperation<S extends OptionSpecs> {
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** How many machines it takes; 1 unless given. A single one may be left out and come from standard input. */
  readonly inputs?: number;
  readonly apply: (fsts: readonly Fst[], options: OptionValues<S>, context: ProgramContext) => Fst;
}

/** A program that makes a machine of machines: `[in.fst [out.fst]]`, or `a.fst b.fst [out.fst]`. */
export function fstProgram<S extends OptionSpecs>(operation: FstOperation<S>): Program<S> {
  const { name, summary, options, inputs = 1, apply } = operation;
  return defineProgram({
    name,
    summary,
    usage: [inputs === 1 ? '[<in.fst> [<out.fst>]]' : '<a.fst> <b.fst> [<out.fst>]'],
    options,
    args: [inputs === 1 ? 0 : inputs, inputs + 1],
    run: async (args, given, context) => {
      const fsts: Fst[] = [];
      for (let i = 0; i < inputs; i++) fsts.push(await readFstFile(args[i]));
      await writeFstFile(args[inputs], apply(fsts, given, context));
    },
  });
}
