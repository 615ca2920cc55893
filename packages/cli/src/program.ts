import type { OptionSpecs, OptionValues } from '@jebena/options';

/** What a program is given besides its arguments. */
export interface ProgramContext {
  /** Ends long work cleanly: set by Ctrl-C. */
  readonly signal: AbortSignal;
  /** One line of log to standard error, as Kaldi prints them: `LOG (name) text`. */
  readonly log: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** A program of `jebena`: the same positional arguments, options and exit codes as Kaldi's program of its name. */
export interface Program<S extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** The positional arguments as `--help` shows them, e.g. `<in-rspecifier> <out-wspecifier>`; one entry a form. */
  readonly usage: readonly string[];
  readonly options: S;
  /** Values may also follow their option after a blank (`--name value`), as in Kaldi's Python scripts. */
  readonly spacedValues?: boolean;
  /** Fewest and most positional arguments. */
  readonly args: readonly [least: number, most: number];
  /** Runs it; the number is the exit code (0 when undefined). An error thrown is printed as one line, exit 1. */
  readonly run: (args: readonly string[], options: OptionValues<S>, context: ProgramContext) => Promise<number | void>;
}

/** Declares a program; keeps the type of its options exact. */
export const defineProgram = <S extends OptionSpecs>(program: Program<S>): Program<S> => program;

/** Programs by name, each loaded when it is called for. */
export type ProgramList = Record<string, () => Promise<{ readonly program: Program<any> }>>;
