import { flagName } from '@jebena/options';
import type { Program } from './program.js';

/** What `jebena PROGRAM --help` prints. */
export function helpText(program: Program): string {
  const rows = Object.entries(program.options).map(([name, spec]) => {
    const type = { boolean: 'bool', integer: 'int', float: 'float', string: 'string' }[spec.kind];
    return [`  --${flagName(name)}`, `${spec.help} (${type}, default = ${JSON.stringify(spec.default)})`] as const;
  });
  const width = Math.max(0, ...rows.map(([flag]) => flag.length));
  const options = rows.map(([flag, help]) => `${flag.padEnd(width)} : ${help}`);
  return [
    program.summary,
    '',
    ...program.usage.map((form) => `Usage: jebena ${program.name} [options] ${form}`),
    ...(options.length ? ['', 'Options:', ...options] : []),
    '',
  ].join('\n');
}
