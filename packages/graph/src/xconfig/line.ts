import { XconfigError } from './errors.js';

/** One xconfig line: the layer's type and its `key=value` pairs, values still text. */
export interface XconfigLine {
  readonly number: number;
  readonly type: string;
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Splits one line. A value runs to the next `key=`, so that it may hold spaces (`input=Append(a, b)`); what stands in
 * double quotes may hold `=` (`ng-affine-options="alpha=4 rank-in=20"`). Undefined for an empty line or a comment.
 */
export function parseXconfigLine(text: string, number: number): XconfigLine | undefined {
  const fail = (message: string): never => {
    throw new XconfigError(`${message}: ${text.trim()}`, number);
  };
  const line = text.replace(/#.*/, '').trim().replaceAll(/\s+/g, ' ');
  if (line === '') return undefined;
  const strange = /[^a-zA-Z0-9.\-()@_=,/+:\s"[\]]/.exec(line);
  if (strange) fail(`character ${strange[0]} is not allowed`);
  const [, type, rest] = /^(\S+) ?(.*)$/.exec(line)!;
  if (!/^[a-z][-a-z0-9]+$/.test(type)) fail(`expected a layer type first, found '${type}'`);
  if ((rest.split('"').length - 1) % 2 !== 0) fail('double quotes come in pairs');

  // An equals sign inside quotes does not begin a value; '?' cannot stand in a line, so it marks the place.
  const unquoted = rest.replaceAll(/"([^"]*)"/g, (_, inside: string) => ` ${inside.replaceAll('=', '?')} `);
  const fields = unquoted.split(/\s*([-a-zA-Z0-9_]*)=/);
  if (fields[0]!.trim() !== '') fail(`expected key=value after the layer type, found '${fields[0]!.trim()}'`);
  const values = new Map<string, string>();
  for (let i = 1; i < fields.length; i += 2) {
    const key = fields[i]!;
    if (!/^[a-zA-Z_]/.test(key)) fail(`expected a key before '=', found '${key}'`);
    if (values.has(key)) fail(`key ${key} is given twice`);
    values.set(key, fields[i + 1]!.replaceAll('?', '=').trim());
  }
  return { number, type, values };
}
