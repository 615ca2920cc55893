import { parseNumber } from '@jebena/io-ark';
import { NetworkError } from './errors.js';

const name = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Whether a text may name a node or a component. */
export const isName = (text: string): boolean => name.test(text);

/**
 * One line of an nnet3 config: a directive and `key=value` pairs. A value may be quoted ('..' or ".."); an unquoted
 * one runs to the next `key=`, spaces included. Keys are taken one by one, and `end` complains of those left over.
 */
export class ConfigLine {
  readonly directive: string;
  private readonly values = new Map<string, string>();
  private readonly used = new Set<string>();
  private readonly asked = new Set<string>();

  constructor(
    readonly text: string,
    readonly line?: number,
  ) {
    const pieces = split(text);
    this.directive = pieces.directive;
    for (const [key, value] of pieces.pairs) {
      if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(key)) this.fail(`expected a key before '=', found '${key}'`);
      // The first of a key counts, as in Kaldi: xconfig layers paste options before their own.
      if (!this.values.has(key)) this.values.set(key, value);
    }
    if (pieces.stray) this.fail(`expected key=value, found '${pieces.stray}'`);
  }

  get name(): string | undefined {
    return this.values.get('name');
  }

  fail(message: string): never {
    throw new NetworkError('ERR_NETWORK_CONFIG', message, { line: this.line, name: this.name });
  }

  has(key: string): boolean {
    this.asked.add(key);
    return this.values.has(key);
  }

  private take(key: string): string | undefined {
    this.asked.add(key);
    this.used.add(key);
    return this.values.get(key);
  }

  private needed<T>(key: string, fallback: T | undefined, what: string): T {
    if (fallback === undefined) this.fail(`expected ${key}=${what}, found none in '${this.text.trim()}'`);
    return fallback!;
  }

  string(key: string, fallback?: string): string {
    return this.take(key) ?? this.needed(key, fallback, '<text>');
  }

  int(key: string, fallback?: number): number {
    const text = this.take(key);
    if (text === undefined) return this.needed(key, fallback, '<integer>');
    if (!/^[-+]?\d+$/.test(text)) this.fail(`expected ${key}=<integer>, found '${text}'`);
    return Number(text);
  }

  /** An integer above 0. */
  positive(key: string, fallback?: number): number {
    const value = this.int(key, fallback);
    if (value <= 0) this.fail(`expected ${key} above 0, found ${value}`);
    return value;
  }

  float(key: string, fallback?: number): number {
    const text = this.take(key);
    if (text === undefined) return this.needed(key, fallback, '<number>');
    const value = parseNumber(text);
    if (value === undefined || Number.isNaN(value)) this.fail(`expected ${key}=<number>, found '${text}'`);
    return value!;
  }

  bool(key: string, fallback?: boolean): boolean {
    const text = this.take(key);
    if (text === undefined) return this.needed(key, fallback, '<true|false>');
    if (!/^[tf]/i.test(text)) this.fail(`expected ${key}=true or false, found '${text}'`);
    return /^t/i.test(text);
  }

  /** Integers with commas between them. */
  ints(key: string, fallback?: readonly number[]): readonly number[] {
    const text = this.take(key);
    if (text === undefined) return this.needed(key, fallback, '<integer,integer,...>');
    const values = text.split(',').map((t) => t.trim());
    if (!values.every((t) => /^[-+]?\d+$/.test(t)))
      this.fail(`expected ${key}=<integers with commas>, found '${text}'`);
    return values.map(Number);
  }

  /** Throws if a key was given that nobody asked for. */
  end(): void {
    for (const key of this.values.keys())
      if (!this.used.has(key))
        this.fail(`unknown key ${key}=${this.values.get(key)}; expected ${[...this.asked].join(', ') || 'no keys'}`);
  }
}

interface Pieces {
  directive: string;
  pairs: [string, string][];
  stray: string;
}

function split(text: string): Pieces {
  let rest = text.trim();
  let directive = '';
  const first = /^[^\s=]+(?=\s|$)/.exec(rest);
  if (first) {
    directive = first[0];
    rest = rest.slice(directive.length).trimStart();
  }
  const pairs: [string, string][] = [];
  while (rest) {
    const key = /^([^\s=]+)=/.exec(rest);
    if (!key) return { directive, pairs, stray: rest };
    rest = rest.slice(key[0].length);
    const quoted = /^(['"])(.*?)\1(?=\s|$)/.exec(rest);
    // `s`: a line of a broken file may hold any character.
    const plain = quoted ?? /^(.*?)(?=\s+[^\s=()]+=|\s*$)/s.exec(rest)!;
    pairs.push([key[1]!, (quoted ? quoted[2]! : plain[1]!).trim()]);
    rest = rest.slice(plain[0].length).trimStart();
  }
  return { directive, pairs, stray: '' };
}

/** Splits a config file into its lines, without comments and blanks; line numbers are kept. */
export function configLines(text: string): ConfigLine[] {
  const lines: ConfigLine[] = [];
  text.split(/\r?\n/).forEach((raw, i) => {
    const line = raw.replace(/#.*$/, '').trim();
    if (line) lines.push(new ConfigLine(line, i + 1));
  });
  return lines;
}
