import { UsageError } from '@jebena/options';
import { joinValues, parseArguments } from './arguments.js';
import { helpText } from './help.js';
import type { Program, ProgramContext } from './program.js';
import { programs } from './programs.js';

/** Runs `jebena` with the arguments after its name; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'fst') return main(fstProgram(argv.slice(1)));
  const [name, ...rest] = argv;
  if (!name || name === '--help' || name === 'help') return listPrograms();
  const load = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (!load) return complain(name, `no such program; 'jebena --help' lists them all`);
  const { program } = await load();
  return runProgram(program, rest);
}

/** `fst NAME` is OpenFst's tool NAME, with or without its `fst`. */
const fstProgram = ([name = '--help', ...rest]: readonly string[]): string[] =>
  name.startsWith('fst') || name.startsWith('-') ? [name, ...rest] : [`fst${name}`, ...rest];

/** Runs one program: parses, checks the count of arguments, prints help or errors, returns the exit code. */
export async function runProgram(program: Program<any>, argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  try {
    const given = program.spacedValues ? joinValues(program.options, argv) : argv;
    const { positionals, options, help } = parseArguments(program.options, given);
    if (help) return (process.stdout.write(helpText(program)), 0);
    const [least, most] = program.args;
    if (positionals.length < least || positionals.length > most) {
      process.stderr.write(helpText(program));
      const wanted = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} to ${most}`;
      throw new UsageError(`expected ${wanted} arguments, found ${positionals.length}`);
    }
    return (await program.run(positionals, options, contextOf(program.name, stop.signal))) ?? 0;
  } catch (error) {
    return complain(program.name, error instanceof Error ? error.message : String(error));
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

const contextOf = (name: string, signal: AbortSignal): ProgramContext => ({
  signal,
  log: (text) => void process.stderr.write(`LOG (${name}) ${text}\n`),
  warn: (text) => void process.stderr.write(`WARNING (${name}) ${text}\n`),
});

function complain(name: string, message: string): number {
  process.stderr.write(`ERROR (${name}) ${message}\n`);
  return 1;
}

function listPrograms(): number {
  process.stdout.write(`Usage: jebena PROGRAM [options] ARGUMENTS ...\n\n${Object.keys(programs).sort().join('\n')}\n`);
  return 0;
}
