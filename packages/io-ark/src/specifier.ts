import { KaldiIoError } from './errors.js';

/** What an rspecifier such as `ark,s,cs:feats.ark` says (util/kaldi-table.h). */
export interface ReadSpecifier {
  readonly kind: 'ark' | 'scp';
  readonly name: string;
  /** `o`: each key is asked for once at most. */
  readonly once: boolean;
  /** `p`: what is missing or torn is left out. */
  readonly permissive: boolean;
  /** `s`: the keys of the archive are in byte order. */
  readonly sorted: boolean;
  /** `cs`: keys are asked for in byte order. */
  readonly calledSorted: boolean;
  /** `bg`: read ahead in the background. */
  readonly background: boolean;
}

/** What a wspecifier such as `ark,scp,t:feats.ark,feats.scp` says. */
export interface WriteSpecifier {
  readonly ark: string | undefined;
  readonly scp: string | undefined;
  readonly binary: boolean;
  /** `f`: what is written is handed on at once. */
  readonly flush: boolean;
  /** `p`: with `scp:` alone, keys that the script lacks are left out. */
  readonly permissive: boolean;
}

const readOptions: Record<string, Partial<ReadSpecifier>> = {
  b: {},
  t: {},
  o: { once: true },
  no: { once: false },
  p: { permissive: true },
  np: { permissive: false },
  s: { sorted: true },
  ns: { sorted: false },
  cs: { calledSorted: true },
  ncs: { calledSorted: false },
  bg: { background: true },
  ark: { kind: 'ark' },
  scp: { kind: 'scp' },
};

const writeOptions: Record<string, Partial<WriteSpecifier>> = {
  b: { binary: true },
  t: { binary: false },
  f: { flush: true },
  nf: { flush: false },
  p: { permissive: true },
};

function split(specifier: string, expected: string): [options: string[], rest: string] {
  const colon = specifier.indexOf(':');
  if (colon < 0 || /\s$/.test(specifier)) return refuse(specifier, expected);
  return [specifier.slice(0, colon).split(/[, ]/), specifier.slice(colon + 1)];
}

const refuse = (specifier: string, expected: string): never => {
  throw new KaldiIoError(expected, JSON.stringify(specifier), { path: 'specifier' });
};

/**
 * @throws KaldiIoError when it is no rspecifier
 * @example parseReadSpecifier('scp,p:feats.scp').permissive; // true
 */
export function parseReadSpecifier(specifier: string): ReadSpecifier {
  const expected = "an rspecifier such as 'ark:FILE' or 'scp:FILE'";
  const [options, name] = split(specifier, expected);
  let result: ReadSpecifier = {
    kind: 'ark',
    name,
    once: false,
    permissive: false,
    sorted: false,
    calledSorted: false,
    background: false,
  };
  if (options.filter((o) => o === 'ark' || o === 'scp').length !== 1) return refuse(specifier, expected);
  for (const option of options) {
    if (!Object.hasOwn(readOptions, option)) return refuse(specifier, expected);
    result = { ...result, ...readOptions[option] };
  }
  return result;
}

/**
 * @throws KaldiIoError when it is no wspecifier
 * @example parseWriteSpecifier('ark,t:-').binary; // false
 */
export function parseWriteSpecifier(specifier: string): WriteSpecifier {
  const expected = "a wspecifier such as 'ark:FILE' or 'ark,scp:FILE,FILE'";
  const [options, rest] = split(specifier, expected);
  let result = { binary: true, flush: false, permissive: false };
  const kinds: string[] = [];
  for (const option of options) {
    if (option === 'ark' || option === 'scp') kinds.push(option);
    else if (Object.hasOwn(writeOptions, option)) result = { ...result, ...writeOptions[option] };
    else return refuse(specifier, expected);
  }
  switch (kinds.join()) {
    case 'ark':
      return { ...result, ark: rest, scp: undefined };
    case 'scp':
      return { ...result, ark: undefined, scp: rest };
    case 'ark,scp': {
      const comma = rest.indexOf(',');
      if (comma < 0) return refuse(specifier, expected);
      return { ...result, ark: rest.slice(0, comma), scp: rest.slice(comma + 1) };
    }
    default:
      return refuse(specifier, expected);
  }
}

const parses = (parse: (specifier: string) => unknown, text: string): boolean => {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Whether an argument names a table to read, rather than a file. */
export const isReadSpecifier = (text: string): boolean => parses(parseReadSpecifier, text);

/** Whether an argument names a table to write, rather than a file. */
export const isWriteSpecifier = (text: string): boolean => parses(parseWriteSpecifier, text);
