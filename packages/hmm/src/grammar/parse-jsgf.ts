import { GrammarError } from './errors.js';

/** What a rule may stand for. */
export type Expansion =
  | { readonly kind: 'word'; readonly word: string; readonly line: number }
  | { readonly kind: 'rule'; readonly name: string; readonly line: number }
  | { readonly kind: 'null' }
  | { readonly kind: 'void' }
  | { readonly kind: 'sequence'; readonly parts: readonly Expansion[] }
  | {
      readonly kind: 'alternatives';
      readonly choices: readonly { readonly expansion: Expansion; readonly weight: number | undefined }[];
    }
  | { readonly kind: 'optional'; readonly of: Expansion }
  | { readonly kind: 'repeat'; readonly of: Expansion; readonly least: 0 | 1 };

/** A grammar's rules by name, without the brackets. */
export interface JsgfGrammar {
  readonly rules: ReadonlyMap<string, { readonly public: boolean; readonly expansion: Expansion }>;
}

interface Token {
  readonly text: string;
  readonly kind: 'word' | 'rule' | 'weight' | 'tag' | 'mark';
  readonly line: number;
}

/**
 * Reads JSGF: rules, alternatives with weights, groups, optional parts, `*` and `+`, quoted words, `<NULL>` and
 * `<VOID>`; tags are passed over. Imports are refused: a grammar is one text here.
 *
 * @throws GrammarError `ERR_GRAMMAR_JSGF` with the line
 */
export function parseJsgf(text: string): JsgfGrammar {
  return new Parser(tokens(text)).grammar();
}

function tokens(text: string): Token[] {
  const pattern =
    /(\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#JSGF[^;\n]*;?)|"((?:[^"\\]|\\.)*)"|<([^>\s]+)>|\/\s*([\d.eE+-]+)\s*\/|(\{(?:[^}\\]|\\.)*\})|([=|*+()[\];])|([^\s=|*+()[\];<>"{}/]+)/y;
  const found: Token[] = [];
  let line = 1;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw problem(line, `cannot read ${JSON.stringify(text.slice(at, at + 20))}`);
    const [whole, , quoted, rule, weight, tag, mark, word] = match;
    const add = (kind: Token['kind'], value: string): void => void found.push({ kind, text: value, line });
    if (quoted !== undefined) add('word', quoted.replace(/\\(.)/g, '$1'));
    else if (rule !== undefined) add('rule', rule);
    else if (weight !== undefined) add('weight', weight);
    else if (tag !== undefined) add('tag', tag);
    else if (mark !== undefined) add('mark', mark);
    else if (word !== undefined) add('word', word);
    line += whole.split('\n').length - 1;
  }
  return found;
}

const problem = (line: number, what: string): GrammarError =>
  new GrammarError('ERR_GRAMMAR_JSGF', `JSGF line ${line}: ${what}`);

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  private get line(): number {
    return (this.tokens[this.at] ?? this.tokens.at(-1))?.line ?? 1;
  }

  private is(kind: Token['kind'], text?: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === kind && (text === undefined || token.text === text);
  }

  private accept(kind: Token['kind'], text?: string): boolean {
    if (!this.is(kind, text)) return false;
    this.at++;
    return true;
  }

  private expect(kind: Token['kind'], text: string | undefined, what: string): string {
    const token = this.tokens[this.at];
    if (!token || !this.is(kind, text))
      throw problem(this.line, `expected ${what}, found ${token ? `'${token.text}'` : 'the end'}`);
    this.at++;
    return token.text;
  }

  grammar(): JsgfGrammar {
    const rules = new Map<string, { public: boolean; expansion: Expansion }>();
    if (this.accept('word', 'grammar')) {
      this.expect('word', undefined, "the grammar's name");
      this.expect('mark', ';', "';'");
    }
    while (this.at < this.tokens.length) {
      if (this.is('word', 'import')) throw problem(this.line, 'imports are not read');
      const isPublic = this.accept('word', 'public');
      const { line } = this;
      const name = this.expect('rule', undefined, 'a rule <name>');
      if (rules.has(name)) throw problem(line, `rule <${name}> is there already`);
      this.expect('mark', '=', "'='");
      const expansion = this.alternatives();
      this.expect('mark', ';', "';'");
      rules.set(name, { public: isPublic, expansion });
    }
    return { rules };
  }

  private alternatives(): Expansion {
    const choices: { expansion: Expansion; weight: number | undefined }[] = [];
    do {
      const weighted = this.is('weight');
      const weight = weighted ? Number(this.expect('weight', undefined, 'a weight')) : undefined;
      if (weighted && !(weight! >= 0 && weight! < Infinity)) throw problem(this.line, 'expected a weight from 0 up');
      choices.push({ expansion: this.sequence(), weight });
    } while (this.accept('mark', '|'));
    if (choices.length === 1) return choices[0]!.expansion;
    if (choices.every(({ weight }) => weight === 0)) throw problem(this.line, 'expected a weight above 0');
    return { kind: 'alternatives', choices };
  }

  private sequence(): Expansion {
    const parts: Expansion[] = [];
    for (let part = this.part(); part; part = this.part()) parts.push(part);
    if (parts.length === 0) throw problem(this.line, `expected words, rules or groups`);
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  private part(): Expansion | undefined {
    const single = this.single();
    if (!single) return undefined;
    let part = single;
    for (;;) {
      if (this.accept('mark', '*')) part = { kind: 'repeat', of: part, least: 0 };
      else if (this.accept('mark', '+')) part = { kind: 'repeat', of: part, least: 1 };
      else if (!this.accept('tag')) return part;
    }
  }

  private single(): Expansion | undefined {
    const { line } = this;
    if (this.accept('mark', '(')) return this.closed(')');
    if (this.accept('mark', '[')) return { kind: 'optional', of: this.closed(']') };
    if (this.is('word')) return { kind: 'word', word: this.expect('word', undefined, 'a word'), line };
    if (!this.is('rule')) return undefined;
    const name = this.expect('rule', undefined, 'a rule');
    if (name === 'NULL') return { kind: 'null' };
    return name === 'VOID' ? { kind: 'void' } : { kind: 'rule', name, line };
  }

  private closed(mark: string): Expansion {
    const inside = this.alternatives();
    this.expect('mark', mark, `'${mark}'`);
    return inside;
  }
}
