import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  UsageError,
  flagName,
  type OptionSpecs,
  type OptionValues,
  parseOptionText,
  resolveOptions,
} from '@jebena/options';

export interface ParsedArguments<S extends OptionSpecs> {
  readonly positionals: string[];
  readonly options: OptionValues<S>;
  readonly help: boolean;
}

/**
 * Reads a command line as Kaldi's ParseOptions does: `--name=value` (dashes and underscores alike), `--flag` for a
 * boolean, options before or between the positional arguments, `--` ends them, `--config=FILE` holds one a line.
 *
 * @throws UsageError for an unknown option or a value that does not fit
 */
export function parseArguments<S extends OptionSpecs>(specs: S, argv: readonly string[]): ParsedArguments<S> {
  const byFlag = new Map(Object.entries(specs).map(([name, spec]) => [flagName(name), { name, spec }]));
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  let help = false;
  const set = (raw: string, value: string | undefined): void => {
    const flag = raw.replaceAll('_', '-').toLowerCase();
    if (flag === 'help') return void (help = true);
    if (flag === 'config') return readConfig(value).forEach(([n, v]) => set(n, v));
    // Every Kaldi program takes these two; ours say nothing that they would change.
    if (flag === 'verbose' || flag === 'print-args') return;
    const option = byFlag.get(flag);
    if (!option) throw new UsageError(`unknown option --${raw}`);
    values[option.name] = parseOptionText(flag, option.spec.kind, value);
  };
  const { tokens } = parseArgs({ args: [...argv], strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    else if (token.kind === 'option') {
      // A lone letter after one dash is no option of Kaldi's: `-` and `-3` are arguments.
      if (!token.rawName.startsWith('--')) throw new UsageError(`unknown option ${token.rawName}`);
      set(token.name, token.value);
    }
  }
  return { positionals, options: resolveOptions(specs, values as Partial<OptionValues<S>>), help };
}

/**
 * `--name value` as `--name=value`, for options that take one, and for booleans where `true` or `false` follows: how
 * Kaldi's Python scripts are called.
 */
export function joinValues(specs: OptionSpecs, argv: readonly string[]): string[] {
  const valued = new Set(
    Object.entries(specs).flatMap(([name, { kind }]) => (kind === 'boolean' ? [] : [`--${flagName(name)}`])),
  );
  const booleans = new Set(
    Object.entries(specs).flatMap(([name, { kind }]) => (kind === 'boolean' ? [`--${flagName(name)}`] : [])),
  );
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const flag = argv[i]!.replaceAll('_', '-');
    const said = booleans.has(flag) && /^(?:true|false)$/i.test(argv[i + 1] ?? '');
    const takesNext = said || (valued.has(flag) && i + 1 < argv.length);
    joined.push(takesNext ? `${argv[i]!}=${argv[++i]!}` : argv[i]!);
  }
  return joined;
}

function readConfig(path: string | undefined): [string, string | undefined][] {
  if (!path) throw new UsageError('option --config: expected --config=FILE');
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim());
  return lines.filter(Boolean).map((line) => {
    const match = /^--([^=]+)(?:=(.*))?$/.exec(line);
    if (!match) throw new UsageError(`${path}: expected --name=value, found '${line}'`);
    return [match[1]!, match[2]];
  });
}
