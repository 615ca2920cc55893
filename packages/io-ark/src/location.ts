import { KaldiIoError, type Place } from './errors.js';

/** What an rxfilename such as `feats.ark:1234[0:9,2:4]` names. */
export interface Location {
  /** The file, `-` for standard input, or `command |`. */
  readonly name: string;
  readonly kind: 'file' | 'stdin' | 'pipe';
  /** Byte offset in the file. */
  readonly offset: number | undefined;
  /** The range between the brackets, without them. */
  readonly range: string | undefined;
}

/**
 * Reads an extended filename as Kaldi does (ClassifyRxfilename in util/kaldi-io.cc, ranges in util/kaldi-table-inl.h).
 *
 * @throws KaldiIoError for an output pipe, a pipe sign in the middle, white space at either end, or a specifier
 */
export function parseLocation(text: string, place: Place = {}): Location {
  const fail = (expected: string): never => {
    throw new KaldiIoError(expected, JSON.stringify(text), place);
  };
  let name = text;
  let range: string | undefined;
  if (name.endsWith(']')) {
    const match = /^([^[]+)\[([^[]+)\]$/.exec(name);
    if (!match) return fail('a file name with one range in brackets');
    [, name, range] = match as unknown as [string, string, string];
  }
  if (name === '' || name === '-') return { name: '-', kind: 'stdin', offset: undefined, range };
  if (name.startsWith('|')) return fail('a file or an input pipe');
  if (name.endsWith('|')) return { name, kind: 'pipe', offset: undefined, range };
  if (/^\s|\s$/.test(name)) return fail('a file name without white space at its ends');
  if (/^(?:ark|scp)(?:,\w+)*:/.test(name)) return fail('a file name, not a table specifier');
  if (name.includes('|')) return fail("a file name, or a command with '|' at its end");
  const at = /^(.+):(\d+)$/.exec(name);
  const offset = at ? Number(at[2]) : undefined;
  if (offset !== undefined && !Number.isSafeInteger(offset)) return fail('a byte offset below 2^53');
  return { name: at ? at[1]! : name, kind: 'file', offset, range };
}
