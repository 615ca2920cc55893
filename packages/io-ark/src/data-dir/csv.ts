import { KaldiIoError } from '../errors.js';

/**
 * Reads a table with a header line: fields split by commas, tabs or semicolons (whichever the header has), quoted with
 * `"` where they hold one of those or a newline (RFC 4180).
 *
 * @throws KaldiIoError for a quote that does not end or a line with more or fewer fields than the header
 */
export function parseCsv(text: string, path: string = 'csv'): Record<string, string>[] {
  const header = text.slice(0, text.search(/\n|$/));
  const delimiter = ['\t', ';', ','].find((d) => header.includes(d)) ?? ',';
  const rows: { line: number; fields: string[] }[] = [];
  let fields: string[] = [];
  let line = 1;
  let begun = 1;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const endRow = (): void => {
    if (fields.length > 1 || fields[0] !== '') rows.push({ line: begun, fields });
    fields = [];
    begun = line;
  };
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      for (;;) {
        const end = text.indexOf('"', at + 1);
        if (end < 0) throw new KaldiIoError('a closing quote', 'the end of the file', { path: `${path}:${begun}` });
        field += text.slice(at + 1, end);
        at = end + 1;
        if (text[at] !== '"') break;
        field += '"';
      }
      line += field.split('\n').length - 1;
    }
    const rest = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++;
    fields.push(field + text.slice(rest, at).replace(/\r$/, ''));
    if (at >= text.length) break;
    if (text[at++] === '\n') {
      line++;
      endRow();
    } else if (at >= text.length) fields.push('');
  }
  if (fields.length > 0) endRow();
  const [names, ...data] = rows;
  return data.map(({ line, fields }) => {
    if (fields.length !== names!.fields.length)
      throw new KaldiIoError(`${names!.fields.length} fields`, `${fields.length}`, { path: `${path}:${line}` });
    return Object.fromEntries(names!.fields.map((name, i) => [name.trim(), fields[i]!]));
  });
}
